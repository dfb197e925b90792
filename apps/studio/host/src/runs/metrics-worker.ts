// Worker thread: reads metrics files and answers questions about them, so that the host's own thread never parses a line.
import { parentPort, workerData } from "node:worker_threads";
import { answerMetrics } from "./metrics-answers.ts";
import { MetricsFiles } from "./metrics-files.ts";
import { MetricsStore } from "./metrics-store.ts";
import type { MetricsReply, MetricsRequest, MetricsThreadData } from "./metrics-messages.ts";

const CACHE_BYTES = 256 << 20;
const { storeDir } = workerData as MetricsThreadData;
const files = new MetricsFiles(CACHE_BYTES, new MetricsStore(storeDir));

parentPort?.on("message", ({ id, ...question }: MetricsRequest) => {
  let reply: MetricsReply;
  try {
    reply = { id, answer: answerMetrics(files, question) };
  } catch (error) {
    reply = { id, failure: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
