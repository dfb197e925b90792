// Worker thread: reads metrics files and answers questions about them, so that the host's own thread never parses a line.
import { workerData } from "node:worker_threads";
import { serveThread } from "../thread/serve-thread.ts";
import { metricsMethods } from "./metrics-answers.ts";
import { MetricsFiles } from "./metrics-files.ts";
import { MetricsStore } from "./metrics-store.ts";
import type { MetricsThreadData } from "./metrics-messages.ts";

const CACHE_BYTES = 256 << 20;
const { storeDir } = workerData as MetricsThreadData;

serveThread(metricsMethods(new MetricsFiles(CACHE_BYTES, new MetricsStore(storeDir))));
