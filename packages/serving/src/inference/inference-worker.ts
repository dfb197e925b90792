import { decodeImage } from "@pixelvla/data";
import type { RgbImage } from "@pixelvla/data";
import { badObservation, objectForgotten } from "../errors.ts";
import { centreCropped, rotated180 } from "../observation/image.ts";
import type { PolicyObservation, ServedPolicy } from "../policy/served-policy.ts";
import { Episode } from "../prompts/episode.ts";
import type { PromptModelPool } from "../prompts/prompt-models.ts";
import { movedPrompt } from "../prompts/moved-prompt.ts";
import type { InferenceRequest, InferenceSetup, SentResult } from "./messages.ts";
import { sendFailure } from "./sent-failure.ts";

type Prepared = { readonly observation: PolicyObservation; readonly maskScore?: number };

interface Attempt<M> {
  readonly members: readonly M[];
  readonly modelMs: number;
  readonly chunks?: readonly Float32Array[];
  readonly error?: unknown;
}

/** Turns requests into the policy's observations, follows the prompted object of each session, and predicts in batches. */
export class InferenceWorker {
  readonly #policy: ServedPolicy;
  readonly #setup: InferenceSetup;
  #models: Promise<PromptModelPool> | undefined;
  readonly #episodes = new Map<string, Episode>();

  constructor(policy: ServedPolicy, setup: InferenceSetup) {
    this.#policy = policy;
    this.#setup = setup;
  }

  /** Runs every compiled batch size once: the first run of a session allocates its memory. */
  async warmUp(): Promise<void> {
    const { image, stateDim, maxBatch } = this.#policy.info;
    const { width, height } = image ?? { width: 64, height: 64 };
    const observation: PolicyObservation = {
      image: { widthPx: width, heightPx: height, data: new Uint8Array(width * height * 3) },
      state: new Float32Array(stateDim),
      instruction: "pick",
      visit: 0,
    };
    for (let batch = 1; batch <= maxBatch; batch *= 2)
      await this.#policy.predict(new Array<PolicyObservation>(batch).fill(observation));
  }

  /** One result a request, in order; a request that fails leaves the others of its batch alone. */
  async infer(requests: readonly InferenceRequest[]): Promise<readonly SentResult[]> {
    const prepared = await Promise.all(requests.map((request) => settled(this.#prepare(request))));
    const good = prepared.flatMap((outcome, i) => (outcome.ok ? [{ i, ...outcome.value }] : []));
    const results = new Array<SentResult>(requests.length);
    prepared.forEach((outcome, i) => {
      if (!outcome.ok) results[i] = { ok: false, error: sendFailure(outcome.error) };
    });
    for (const group of await this.#predict(good)) {
      group.members.forEach(({ i, maskScore }, k) => {
        const chunk = group.chunks?.[k];
        results[i] =
          chunk === undefined
            ? { ok: false, error: sendFailure(group.error) }
            : {
                ok: true,
                result: {
                  chunk,
                  modelMs: group.modelMs,
                  batch: group.members.length,
                  ...(maskScore === undefined ? {} : { maskScore }),
                },
              };
      });
    }
    return results;
  }

  forget(session: string): void {
    const episode = this.#episodes.get(session);
    this.#episodes.delete(session);
    void episode?.end();
  }

  async close(): Promise<void> {
    for (const session of [...this.#episodes.keys()]) this.forget(session);
    await (await this.#models)?.close();
    await this.#policy.close();
  }

  #openModels(): Promise<PromptModelPool> {
    const { prompts, threads } = this.#setup;
    return (this.#models ??= import("../prompts/prompt-models.ts").then(
      (m) => new m.PromptModelPool(prompts, threads),
    ));
  }

  /** Predicts together, or one by one when that fails: then only the offender's request does. */
  async #predict<M extends Prepared>(members: readonly M[]): Promise<readonly Attempt<M>[]> {
    if (members.length === 0) return [];
    const attempt = async (group: readonly M[]): Promise<Attempt<M>> => {
      const begunMs = performance.now();
      const outcome = await settled(this.#policy.predict(group.map(({ observation }) => observation)));
      const modelMs = performance.now() - begunMs;
      return { members: group, modelMs, ...(outcome.ok ? { chunks: outcome.value } : { error: outcome.error }) };
    };
    const together = await attempt(members);
    if (together.chunks !== undefined || members.length === 1) return [together];
    const single: Attempt<M>[] = [];
    for (const member of members) single.push(await attempt([member]));
    return single;
  }

  async #prepare(request: InferenceRequest): Promise<Prepared> {
    const { rotate180, centreCropArea } = this.#setup;
    const received = await pixels(request);
    const turned = rotate180 ? rotated180(received) : received;
    const image = centreCropped(turned, centreCropArea);
    let episode = this.#episodes.get(request.session);
    if (episode === undefined && request.followsPrompt && request.prompt === undefined) throw objectForgotten();
    if (episode === undefined || request.startsEpisode) {
      await episode?.end();
      episode = new Episode(() => this.#openModels(), this.#policy.info);
      this.#episodes.set(request.session, episode);
    }
    const visit = episode.nextVisit();
    const prompt =
      request.prompt === undefined ? undefined : movedPrompt(request.prompt, received, { rotate180, centreCropArea });
    const followed = await episode.look(image, prompt);
    return {
      observation: {
        image,
        state: request.state,
        instruction: request.instruction,
        visit,
        ...(followed === undefined ? {} : { annotation: followed.annotation, promptKind: followed.promptKind }),
      },
      ...(followed === undefined ? {} : { maskScore: followed.score }),
    };
  }
}

async function pixels({ image }: InferenceRequest): Promise<RgbImage> {
  if (!("encoded" in image)) return image;
  try {
    return await decodeImage(image.encoded);
  } catch (error) {
    throw badObservation(
      `a picture that cannot be decoded (${error instanceof Error ? error.message.split("\n")[0]! : String(error)})`,
      "an 8-bit PNG or JPEG",
    );
  }
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

const settled = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
