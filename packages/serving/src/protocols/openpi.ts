import { decodeMsgpack } from "../codec/decode-msgpack.ts";
import { encodeMsgpack, WireFloat } from "../codec/encode-msgpack.ts";
import { float32Array } from "../codec/nd-array.ts";
import type { ServingContext } from "../server/context.ts";
import type { ClientSession } from "../server/client-session.ts";

/** The close code and reason openpi's server gives after an error; the text frame before it says what happened. */
export const OPENPI_ERROR_CLOSE = {
  code: 1011,
  reason: "Internal server error. Traceback included in previous frame.",
} as const;

/** What openpi clients learn of the policy before they ask. */
export const openpiMetadata = ({ info, serving, version }: ServingContext) => ({
  policy: info.name,
  server: `pixelvla ${version}`,
  embodiment: serving.embodiment,
  action_horizon: info.chunkSize,
  action_dim: info.actionDim,
  takes_visual_prompts: info.takesPrompts,
});

/** Answers openpi's requests: one map in, one map out. */
export class OpenpiProtocol {
  readonly #context: ServingContext;
  readonly #session: ClientSession;
  #previousTotalMs: number | undefined;

  constructor(context: ServingContext, session: ClientSession) {
    this.#context = context;
    this.#session = session;
  }

  /** The reply to one binary frame. @throws as `ClientSession.answer`; the connection is then to be closed */
  async reply(frame: Uint8Array, decoded: unknown = decodeMsgpack(frame)): Promise<Uint8Array> {
    const begunMs = performance.now();
    const { actions, nActions, modelMs, maskScore } = await this.#session.answer(decoded);
    const previous = this.#previousTotalMs;
    const reply = encodeMsgpack(
      {
        actions: float32Array(actions, [nActions, this.#context.info.actionDim]),
        policy_timing: { infer_ms: new WireFloat(modelMs) },
        server_timing: {
          infer_ms: new WireFloat(performance.now() - begunMs),
          ...(previous === undefined ? {} : { prev_total_ms: new WireFloat(previous) }),
        },
        ...(maskScore === undefined ? {} : { mask_score: new WireFloat(maskScore) }),
      },
      "bytes",
    );
    this.#previousTotalMs = performance.now() - begunMs;
    return reply;
  }
}
