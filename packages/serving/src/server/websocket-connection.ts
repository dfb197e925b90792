import type { WebSocket } from "ws";
import { decodeMsgpack } from "../codec/decode-msgpack.ts";
import { encodeMsgpack } from "../codec/encode-msgpack.ts";
import { badMessage } from "../errors.ts";
import { failureText } from "../inference/sent-failure.ts";
import { OPENPI_ERROR_CLOSE, openpiMetadata, OpenpiProtocol } from "../protocols/openpi.ts";
import { isVlaEvalMessage, vlaEvalHello, VlaEvalProtocol } from "../protocols/vla-eval.ts";
import type { ClientSession } from "./client-session.ts";
import type { ServingContext } from "./context.ts";

/** Which protocol a websocket speaks: told by the path or the server's options, else by its first message. */
export type WebsocketProtocol = "auto" | "openpi" | "vla-eval";

/** Frames a client may send ahead; both protocols have one in flight. */
const MAX_PENDING = 8;
/** Bytes of replies that may wait for a client that does not read. */
const MAX_UNREAD = 1 << 20;

/**
 * One websocket from the first frame to the last. Frames are answered in order. Whatever goes wrong ends this connection at most, with
 * the reason as the client's protocol tells it.
 */
export class WebsocketConnection {
  readonly #socket: WebSocket;
  readonly #context: ServingContext;
  readonly #sessionFor: (protocol: "openpi" | "vla-eval") => ClientSession;
  readonly #greeted: boolean;
  #protocol: Exclude<WebsocketProtocol, "auto"> | undefined;
  #session: ClientSession | undefined;
  #openpi: OpenpiProtocol | undefined;
  #vlaEval: VlaEvalProtocol | undefined;
  #last: Promise<void> = Promise.resolve();
  #nPending = 0;
  #isEnding = false;

  constructor(
    socket: WebSocket,
    context: ServingContext,
    protocol: WebsocketProtocol,
    sessionFor: (protocol: "openpi" | "vla-eval") => ClientSession,
  ) {
    this.#socket = socket;
    this.#context = context;
    this.#sessionFor = sessionFor;
    this.#protocol = protocol === "auto" ? undefined : protocol;
    this.#greeted = protocol === "auto";
    socket.on("message", (data: Buffer, isBinary) => this.#receive(data, isBinary));
    socket.on("close", () => this.#closed());
    socket.on("error", () => socket.terminate()); // a broken or oversized frame; "close" follows
    if (protocol === "auto") this.#send(vlaEvalHello(context, 0));
    else if (protocol === "openpi") this.#send(encodeMsgpack(openpiMetadata(context), "bytes"));
  }

  /** Lets the open request be answered, then says goodbye. */
  async drain(): Promise<void> {
    this.#isEnding = true;
    await this.#last;
    this.#socket.close(1001, "The server is shutting down.");
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isEnding) return;
    if (++this.#nPending > MAX_PENDING) {
      this.#fail(
        badMessage("websocket", `more than ${MAX_PENDING} requests at once; both protocols wait for the answer`),
      );
      return;
    }
    this.#last = this.#last.then(async () => {
      try {
        if (!this.#isEnding || this.#nPending === 1) await this.#answer(data, isBinary);
      } catch (error) {
        this.#fail(error);
      } finally {
        this.#nPending--;
      }
    });
  }

  async #answer(data: Buffer, isBinary: boolean): Promise<void> {
    if (!isBinary) throw badMessage("websocket", "a text frame; both protocols send binary ones");
    const decoded = decodeMsgpack(data);
    this.#protocol ??= isVlaEvalMessage(decoded) ? "vla-eval" : "openpi";
    if (this.#session === undefined) {
      this.#session = this.#sessionFor(this.#protocol);
      this.#context.metrics.connections.inc({ protocol: this.#protocol });
    }
    if (this.#protocol === "vla-eval") {
      this.#vlaEval ??= new VlaEvalProtocol(this.#context, this.#session, this.#greeted);
      const reply = await this.#vlaEval.reply(decoded);
      if (reply !== undefined) this.#send(reply);
    } else {
      this.#openpi ??= new OpenpiProtocol(this.#context, this.#session);
      this.#send(await this.#openpi.reply(data, decoded));
    }
  }

  /** openpi: the reason as a text frame, then 1011. vla-eval knows no text frames: an error message, then the same. */
  #fail(error: unknown): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#protocol === "vla-eval") {
      const message = { type: "error", payload: { error: failureText(error) }, seq: 0, timestamp: Date.now() / 1000 };
      this.#send(encodeMsgpack(message, "text"));
    } else this.#send(failureText(error));
    this.#socket.close(OPENPI_ERROR_CLOSE.code, OPENPI_ERROR_CLOSE.reason);
  }

  #send(frame: Uint8Array | string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNREAD) {
      this.#context.metrics.refusedConnections.inc({ reason: "slow" });
      this.#context.log(`a client does not read its answers; its connection is closed`);
      this.#socket.terminate();
      return;
    }
    this.#socket.send(frame, { binary: typeof frame !== "string", compress: false });
  }

  #closed(): void {
    this.#isEnding = true;
    if (this.#session === undefined || this.#protocol === undefined) return;
    this.#context.metrics.connections.dec({ protocol: this.#protocol });
    this.#session.end();
  }
}
