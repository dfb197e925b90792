import { parentPort, type Transferable } from "node:worker_threads";
import { sendError } from "./worker-errors.ts";
import type { Reply, Request } from "./worker-channel.ts";

/** An answer whose buffers are handed over instead of copied. */
export class Transferred {
  readonly result: unknown;
  readonly transfer: readonly Transferable[];

  constructor(result: unknown, transfer: readonly Transferable[]) {
    this.result = result;
    this.transfer = transfer;
  }
}

type Handler = (payload: never) => unknown;

/**
 * Answers a `WorkerChannel` from inside the worker: one request at a time, in order; a request that was cancelled
 * before its turn is dropped.
 */
export function serveWorker(handlers: Readonly<Record<string, Handler>>): void {
  const port = parentPort;
  if (port === null) throw new Error("internal: serveWorker outside a worker thread");
  const dropped = new Set<number>();
  let last: Promise<void> = Promise.resolve();
  port.on("message", (message: Request | { readonly cancel: number }) => {
    if ("cancel" in message) {
      dropped.add(message.cancel);
      return;
    }
    last = last.then(async () => {
      // Messages that arrived while the previous request blocked this thread, cancellations among them, come first.
      await new Promise((resolve) => setImmediate(resolve));
      if (dropped.delete(message.id)) return;
      await answer(message);
    });
  });

  async function answer({ id, method, payload }: Request): Promise<void> {
    let reply: Reply;
    let transfer: readonly Transferable[] = [];
    try {
      const handler = handlers[method];
      if (handler === undefined) throw new Error(`internal: no worker method "${method}"`);
      const answered: unknown = await handler(payload as never);
      reply = { id, ok: true, result: answered instanceof Transferred ? answered.result : answered };
      if (answered instanceof Transferred) transfer = answered.transfer;
    } catch (error) {
      reply = { id, ok: false, error: sendError(error) };
    }
    port!.postMessage(reply, transfer);
  }
}
