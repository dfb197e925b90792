import { pixelVlaError } from "@pixelvla/core";
import { WebSocket } from "ws";
import { decodeMsgpack } from "../codec/decode-msgpack.ts";
import { encodeMsgpack } from "../codec/encode-msgpack.ts";
import { float64Array, isNdArray, toNumbers } from "../codec/nd-array.ts";

export interface RemoteOptions {
  readonly token?: string | undefined;
  readonly timeoutMs: number;
}

/** What a server answered. */
export interface RemoteActions {
  readonly actions: Float32Array;
  readonly shape: readonly number[];
  /** Time in the policy as the server says; 0 where it does not. */
  readonly modelMs: number;
}

/** A client of any openpi server, ours or another. */
export class OpenpiClient {
  readonly metadata: unknown;
  readonly #url: string;
  readonly #socket: WebSocket;
  readonly #timeoutMs: number;
  #onFrame: ((frame: Buffer, isBinary: boolean) => void) | undefined;
  #onFailure: ((reason: string) => void) | undefined;
  #failure: string | undefined;

  private constructor(url: string, socket: WebSocket, timeoutMs: number, metadata: unknown) {
    this.#url = url;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.metadata = metadata;
    socket.on("message", (frame: Buffer, isBinary) => this.#onFrame?.(frame, isBinary));
    const fail = (reason: string) => {
      this.#failure ??= reason;
      this.#onFailure?.(reason);
    };
    socket.on("close", (code, reason) => fail(`the connection closed with ${code} ${reason.toString()}`));
    socket.on("error", (error) => fail(error.message));
  }

  /** Connects and reads the metadata. @throws PVLA_REMOTE_POLICY */
  static async connect(url: string, { token, timeoutMs }: RemoteOptions): Promise<OpenpiClient> {
    const headers = token === undefined ? {} : { authorization: `Api-Key ${token}` };
    const socket = new WebSocket(url, { perMessageDeflate: false, headers, handshakeTimeout: timeoutMs });
    const first = await new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => reject(failed(url, "no metadata came")), timeoutMs);
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        finish();
      };
      socket.once("message", (frame: Buffer) => settle(() => resolve(frame)));
      socket.once("error", (error) => settle(() => reject(failed(url, error.message, error))));
      socket.once("close", () => settle(() => reject(failed(url, "the connection was closed"))));
    }).catch((error: unknown) => {
      socket.terminate();
      throw error;
    });
    return new OpenpiClient(url, socket, timeoutMs, decodeMsgpack(first));
  }

  /** Sends one observation; float arrays go as float64, as openpi's own examples send them. @throws PVLA_REMOTE_POLICY */
  async infer(observation: Readonly<Record<string, unknown>>): Promise<RemoteActions> {
    const sent = Object.fromEntries(
      Object.entries(observation).map(([key, value]) => [
        key,
        value instanceof Float32Array ? float64Array(value, [value.length]) : value,
      ]),
    );
    const reply = decodeMsgpack(await this.#exchange(encodeMsgpack(sent, "bytes"))) as Record<string, unknown>;
    const { actions } = reply;
    if (!isNdArray(actions)) throw failed(this.#url, "a reply without actions");
    const timing = reply["policy_timing"] as { readonly infer_ms?: unknown } | undefined;
    const modelMs = typeof timing?.infer_ms === "number" ? timing.infer_ms : 0;
    return { actions: Float32Array.from(toNumbers(actions)), shape: actions.shape, modelMs };
  }

  close(): void {
    this.#socket.close();
  }

  #exchange(request: Uint8Array): Promise<Buffer> {
    if (this.#failure !== undefined) return Promise.reject(failed(this.#url, this.#failure));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => finish(() => reject(failed(this.#url, "no answer came in time"))),
        this.#timeoutMs,
      );
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#onFrame = this.#onFailure = undefined;
        settle();
      };
      this.#onFailure = (reason) => finish(() => reject(failed(this.#url, reason)));
      this.#onFrame = (frame, isBinary) =>
        finish(() =>
          isBinary
            ? resolve(frame)
            : reject(failed(this.#url, `the server says: ${frame.toString().slice(0, 500).replace(/\.$/, "")}`)),
        );
      this.#socket.send(request);
    });
  }
}

/** An answer of a policy server that cannot be used, or none. */
export const failed = (url: string, found: string, cause?: unknown) =>
  pixelVlaError(
    "PVLA_REMOTE_POLICY",
    { doing: `Asking ${url}`, found, fix: "Check that a policy server runs there" },
    { url },
    cause,
  );
