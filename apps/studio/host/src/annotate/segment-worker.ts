// Worker thread: the review room's segmenter and tracker. Models and pictures never touch the host's event loop.
import { parentPort } from "node:worker_threads";
import { PixelVlaError } from "@pixelvla/core";
import type { SegmentReply, SegmentRequestMessage } from "./segment-messages.ts";
import { SegmentBench } from "./segment-bench.ts";

const bench = new SegmentBench();
const running = new Map<number, AbortController>();

const reply = (message: SegmentReply) => parentPort?.postMessage(message);

async function answer(message: Extract<SegmentRequestMessage, { question: unknown }>): Promise<void> {
  const { id, question } = message;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    if (question.kind === "segment") reply({ id, segmented: await bench.segment(question, controller.signal) });
    else {
      const model = await bench.propagate(question, controller.signal, (carried) => reply({ id, carried }));
      reply({ id, end: { model } });
    }
  } catch (error) {
    const known = error instanceof PixelVlaError ? error : undefined;
    const fix = known?.facts["fix"];
    const message = error instanceof Error ? error.message : String(error);
    reply({ id, failure: { code: known?.code, message, fix: typeof fix === "string" ? fix : undefined } });
  } finally {
    running.delete(id);
  }
}

parentPort?.on("message", (message: SegmentRequestMessage) => {
  if ("cancel" in message) running.get(message.id)?.abort();
  else void answer(message);
});
