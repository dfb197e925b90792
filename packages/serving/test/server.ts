import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { decodeMsgpack } from "../src/codec/decode-msgpack.ts";
import { encodeMsgpack } from "../src/codec/encode-msgpack.ts";
import { float64Array, uint8Array } from "../src/codec/nd-array.ts";
import type { InferenceSetup, PolicyReference } from "../src/inference/messages.ts";
import { servingOptionsSchema } from "../src/observation/serving-options.ts";
import { PolicyServer, type PolicyServerOptions } from "../src/server/policy-server.ts";

const OBEDIENT = fileURLToPath(new URL("./policies/obedient.mjs", import.meta.url));

/** An inference process with this policy, and the embedded segmenter and tracker without the tabletop's network. */
export const setupOf = (policy: PolicyReference): InferenceSetup => ({
  policy,
  provider: "cpu",
  threads: 1,
  rotate180: false,
  centreCropArea: 1,
  prompts: {
    segmenter: { name: "grabcut", options: { tabletop: false } },
    tracker: { name: "colour-tracker", options: { tabletop: false } },
  },
});

/** Starts a server on a free port; by default in front of a policy that does what the instruction says. */
export function startServer(
  options: Partial<PolicyServerOptions> & { embodiment?: "passthrough" | "libero" | "droid" } = {},
) {
  const { embodiment = "passthrough", ...rest } = options;
  return PolicyServer.start({
    setup: setupOf({ kind: "module", path: OBEDIENT, options: {} }),
    serving: servingOptionsSchema.parse({ embodiment }),
    host: "127.0.0.1",
    ports: [0],
    websocket: "auto",
    maxConnections: 256,
    maxWaiting: 256,
    timeoutMs: 60_000,
    gatherMs: 0,
    maxMessageBytes: 8 << 20,
    promptWaitMs: 0,
    version: "test",
    ...rest,
  });
}

/** An image of one brightness, `[H, W, 3]`. */
export const picture = (brightness: number, height = 8, width = 8) =>
  uint8Array(new Uint8Array(height * width * 3).fill(brightness), [height, width, 3]);

export const observation = (instruction: string, brightness = 100, state = [1, 2]) => ({
  "observation/image": picture(brightness),
  "observation/state": float64Array(state, [state.length]),
  prompt: instruction,
});

/** A websocket client that keeps every frame until somebody asks for it. */
export class TestClient {
  readonly socket: WebSocket;
  readonly #frames: (Uint8Array | string)[] = [];
  #waiting: (() => void) | undefined;
  closed: { code: number; reason: string } | undefined;

  constructor(port: number, path = "/", headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false, headers });
    this.socket.on("message", (data: Buffer, isBinary) => {
      this.#frames.push(isBinary ? new Uint8Array(data) : data.toString());
      this.#waiting?.();
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#waiting?.();
    });
    this.socket.on("error", () => undefined);
  }

  /** The next frame: text, a decoded map, or undefined when the connection closed. */
  async next(): Promise<unknown> {
    while (this.#frames.length === 0 && this.closed === undefined)
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    const frame = this.#frames.shift();
    return frame instanceof Uint8Array ? decodeMsgpack(frame) : frame;
  }

  async opened(): Promise<this> {
    await new Promise((resolve) => {
      this.socket.once("open", resolve);
      this.socket.once("close", resolve);
    });
    return this;
  }

  send(value: unknown, keys: "bytes" | "text" = "bytes"): void {
    this.socket.send(encodeMsgpack(value, keys));
  }

  async ask(value: unknown, keys: "bytes" | "text" = "bytes"): Promise<unknown> {
    if (this.socket.readyState === WebSocket.CONNECTING) await this.opened();
    this.send(value, keys);
    return this.next();
  }

  async waitClosed(): Promise<{ code: number; reason: string }> {
    while (this.closed === undefined) await this.next();
    return this.closed;
  }
}
