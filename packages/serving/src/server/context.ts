import type { BatchQueue } from "../inference/batch-queue.ts";
import type { ServingOptions } from "../observation/serving-options.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { PromptDesk } from "./prompt-desk.ts";

/** What every protocol works with. */
export interface ServingContext {
  readonly info: PolicyInfo;
  readonly serving: ServingOptions;
  readonly queue: BatchQueue;
  readonly metrics: ServerMetrics;
  readonly desk: PromptDesk;
  /** Grows with every `POST /episode`: sessions that have not seen its value begin an episode with their next request. */
  readonly episodeCall: { count: number };
  /** Version of the product, for metadata. */
  readonly version: string;
  readonly forget: (session: string) => void;
  readonly log: (line: string) => void;
}
