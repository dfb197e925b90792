import { parentPort } from "node:worker_threads";
import type { PixelVlaError } from "@pixelvla/core";
import type { Methods, ThreadReply, ThreadRequest } from "./thread.ts";

/** Answers the questions of a `Thread` from inside it, one after the other. */
export function serveThread(methods: Methods): void {
  const port = parentPort;
  if (port === null) throw new Error("internal: serveThread outside a worker thread");
  let last: Promise<void> = Promise.resolve();
  port.on("message", ({ id, method, question }: ThreadRequest) => {
    last = last.then(async () => {
      let reply: ThreadReply;
      try {
        reply = { id, answer: await methods[method]!(question as never) };
      } catch (error) {
        reply = { id, error: sendable(error) };
      }
      port.postMessage(reply);
    });
  });
}

function sendable(error: unknown): { code: string; message: string; facts: Readonly<Record<string, unknown>> } {
  if (!isOurs(error))
    return { code: "PVLA_STUDIO_THREAD", message: error instanceof Error ? error.message : String(error), facts: {} };
  const facts = JSON.parse(JSON.stringify(error.facts)) as Record<string, unknown>;
  return { code: error.code, message: error.message, facts };
}

/** By its form rather than its class: a thread that only reads numbers starts without the whole core package. */
const isOurs = (error: unknown): error is PixelVlaError =>
  error instanceof Error && "facts" in error && "code" in error && String(error.code).startsWith("PVLA_");
