import type { QueuedResult } from "../inference/batch-queue.ts";
import { sendFailure } from "../inference/sent-failure.ts";
import { ActionConverter } from "../observation/convert-actions.ts";
import type { Protocol } from "../observation/embodiments.ts";
import { readObservation } from "../observation/read-observation.ts";
import type { ServingContext } from "./context.ts";

/** An answer in the client's conventions. */
export interface SessionAnswer {
  /** `[n, A]`, converted for the embodiment. */
  readonly actions: Float32Array;
  readonly nActions: number;
  readonly modelMs: number;
  readonly maskScore?: number;
}

/** One client's sequence of observations, cut into episodes. */
export class ClientSession {
  readonly id: string;
  readonly protocol: Protocol;
  readonly #context: ServingContext;
  readonly #abort = new AbortController();
  #startsEpisode = true;
  #followsPrompt = false;
  #instruction: string | undefined;
  #seenCall: number;
  #converter: ActionConverter;

  constructor(context: ServingContext, protocol: Protocol, id: string) {
    this.#context = context;
    this.protocol = protocol;
    this.id = id;
    this.#seenCall = context.episodeCall.count;
    this.#converter = this.#newConverter();
  }

  /** The next observation is an episode's first. */
  beginEpisode(): void {
    this.#startsEpisode = true;
  }

  /**
   * Answers one decoded observation with its first `executed` actions (all of the chunk by default). Episodes begin with the first
   * request, where the client says so, with another instruction, and after `POST /episode`.
   * @throws PVLA_SERVE_*, PVLA_ENGINE_*, …
   */
  async answer(value: unknown, executed?: number): Promise<SessionAnswer> {
    const { info, serving, queue, metrics, desk, episodeCall } = this.#context;
    const begunMs = performance.now();
    let outcome = "ok";
    try {
      const observation = readObservation(value, info.stateDim, serving);
      const { instruction, image } = observation;
      const startsEpisode =
        this.#startsEpisode ||
        observation.startsEpisode ||
        this.#seenCall !== episodeCall.count ||
        (this.#instruction !== undefined && instruction !== this.#instruction);
      this.#startsEpisode = false;
      this.#seenCall = episodeCall.count;
      this.#instruction = instruction;
      let { prompt } = observation;
      if (startsEpisode) {
        this.#followsPrompt = false;
        this.#converter = this.#newConverter();
        const given = info.takesPrompts
          ? await desk.take({ session: this.id, instruction, image }, prompt !== undefined, this.#abort.signal)
          : undefined;
        prompt ??= given;
      }
      const request = {
        ...observation,
        startsEpisode,
        session: this.id,
        followsPrompt: this.#followsPrompt,
        ...(prompt === undefined ? {} : { prompt }),
      };
      const result = await this.#ask(queue.ask(request, this.#abort.signal), startsEpisode);
      if (prompt !== undefined) this.#followsPrompt = true;
      metrics.modelSeconds.observe(result.modelMs / 1000);
      metrics.waitSeconds.observe(result.waitMs / 1000);
      metrics.batchSize.observe(result.batch);
      const nActions = executed ?? info.chunkSize;
      return {
        actions: this.#converter.convert(result.chunk.subarray(0, nActions * info.actionDim)),
        nActions,
        modelMs: result.modelMs,
        ...(result.maskScore === undefined ? {} : { maskScore: result.maskScore }),
      };
    } catch (error) {
      outcome = sendFailure(error).code;
      throw error;
    } finally {
      metrics.answered(this.protocol, outcome, performance.now() - begunMs);
    }
  }

  /** The client left: its request in the queue goes, and what is remembered of it. */
  end(): void {
    this.#abort.abort();
    this.#context.forget(this.id);
  }

  /** An episode whose first observation never reached the policy still has to begin. */
  async #ask(asked: Promise<QueuedResult>, startsEpisode: boolean): Promise<QueuedResult> {
    try {
      return await asked;
    } catch (error) {
      if (startsEpisode) this.#startsEpisode = true;
      throw error;
    }
  }

  #newConverter(): ActionConverter {
    const { info, serving } = this.#context;
    return new ActionConverter(serving.embodiment, this.protocol, info.actionDim);
  }
}
