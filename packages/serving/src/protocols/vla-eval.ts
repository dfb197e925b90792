import { pixelVlaError } from "@pixelvla/core";
import { encodeMsgpack, WireFloat } from "../codec/encode-msgpack.ts";
import { float32Array, type NdArray } from "../codec/nd-array.ts";
import { badMessage } from "../errors.ts";
import { failureText } from "../inference/sent-failure.ts";
import { EMBODIMENTS } from "../observation/embodiments.ts";
import type { ClientSession } from "../server/client-session.ts";
import type { ServingContext } from "../server/context.ts";
import { openpiMetadata } from "./openpi.ts";

const PROTOCOL_VERSION = 1;
/** Version of vla-eval whose wire code this was written against. */
const HARNESS_VERSION = "0.8.0";

/** A message of vla-eval: four keys, always. */
export interface VlaEvalMessage {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly seq: number;
}

/** Whether a decoded frame has the envelope of vla-eval. */
export function isVlaEvalMessage(value: unknown): value is VlaEvalMessage {
  if (typeof value !== "object" || value === null) return false;
  const { type, payload, seq } = value as Record<string, unknown>;
  return typeof type === "string" && typeof payload === "object" && payload !== null && typeof seq === "number";
}

/**
 * The server's hello. Sent unasked as the first frame it is also openpi's metadata: openpi's client takes any map, vla-eval's reads exactly
 * one message after its own hello (docs/adr/0045).
 */
export function vlaEvalHello(context: ServingContext, seq: number): Uint8Array {
  const { info, serving } = context;
  const { observationParams = {} } = EMBODIMENTS[serving.embodiment];
  return encodeMsgpack(
    {
      type: "hello",
      payload: {
        harness_version: HARNESS_VERSION,
        protocol_version: PROTOCOL_VERSION,
        model_server: `pixelvla:${info.name}`,
        capabilities: {},
        observation_params: { ...observationParams, ...(info.stateDim > 0 ? { send_state: true } : {}) },
      },
      seq,
      timestamp: now(),
      ...openpiMetadata(context),
    },
    "text",
  );
}

const now = () => new WireFloat(Date.now() / 1000);

/**
 * Answers vla-eval's messages. The server executes the chunk: an observation is answered from the chunk of an earlier one until its
 * actions are used up. `episode_start` and `episode_end` get no answer, whatever happens; a failure is told to the next observation.
 */
export class VlaEvalProtocol {
  readonly #context: ServingContext;
  readonly #session: ClientSession;
  /** Hello was sent before it was asked for. */
  #greeted: boolean;
  #hasEpisode = false;
  #actions: Float32Array[] = [];

  constructor(context: ServingContext, session: ClientSession, greeted: boolean) {
    this.#context = context;
    this.#session = session;
    this.#greeted = greeted;
  }

  /** The reply to one message; undefined where none may be sent. @throws PVLA_SERVE_MESSAGE for what is no message */
  async reply(decoded: unknown): Promise<Uint8Array | undefined> {
    if (!isVlaEvalMessage(decoded)) throw badMessage("vla-eval", "a map without type, payload and seq");
    const { type, payload, seq } = decoded;
    switch (type) {
      case "hello": {
        const wasGreeted = this.#greeted;
        this.#greeted = false;
        return wasGreeted ? undefined : vlaEvalHello(this.#context, seq);
      }
      case "episode_start":
        this.#hasEpisode = true;
        this.#actions = [];
        this.#session.beginEpisode();
        return undefined;
      case "episode_end":
      case "error":
        this.#hasEpisode = false;
        this.#actions = [];
        return undefined;
      case "observation":
        return this.#observation(payload, seq);
      default:
        return failed(new Error(`unknown message type "${type.slice(0, 40)}"`), seq);
    }
  }

  async #observation(payload: Readonly<Record<string, unknown>>, seq: number): Promise<Uint8Array> {
    try {
      if (!this.#hasEpisode) throw noEpisode();
      const action = this.#actions.shift() ?? (await this.#next(payload));
      return message("action", { actions: float32Array(action, [action.length]) }, seq);
    } catch (error) {
      return failed(error, seq);
    }
  }

  async #next(payload: Readonly<Record<string, unknown>>): Promise<Float32Array> {
    const { executeSteps, actionDim } = this.#context.info;
    const { actions, nActions } = await this.#session.answer(payload, executeSteps);
    const rows = Array.from({ length: nActions }, (_, k) => actions.slice(k * actionDim, (k + 1) * actionDim));
    const [first, ...rest] = rows;
    this.#actions = rest;
    return first!;
  }
}

const message = (type: string, payload: Readonly<Record<string, NdArray | string>>, seq: number): Uint8Array =>
  encodeMsgpack({ type, payload, seq, timestamp: now() }, "text");

const failed = (error: unknown, seq: number): Uint8Array => message("error", { error: failureText(error) }, seq);

/** After a lost connection vla-eval sends its pending observation again, without the episode it belongs to. */
const noEpisode = () =>
  pixelVlaError("PVLA_SERVE_EPISODE", {
    doing: "Reading an observation",
    found: "no episode on this connection",
    needed: "episode_start first",
    fix: "The connection was probably lost in mid-episode; the episode cannot go on",
  });
