// Serving
export { PolicyServer, type PolicyServerOptions } from "./server/policy-server.ts";
export { type WebsocketProtocol } from "./server/websocket-connection.ts";
export { type InferenceSetup, type ModelReference, type PolicyReference } from "./inference/messages.ts";
export { type PolicyInfo } from "./policy/served-policy.ts";
export {
  EMBODIMENT_NAMES,
  servingOptions,
  servingOptionsSchema,
  type EmbodimentName,
  type ServingOptions,
} from "./observation/serving-options.ts";
export { checkEmbodiment } from "./observation/check-embodiment.ts";
export { openGraphSource, type GraphSource, type OpenSourceOptions } from "./policy/open-source.ts";

// Export
export { exportPolicy, type ExportOptions, type ExportReport } from "./export/export-policy.ts";
export { PRECISIONS, type Precision } from "./export/export-weights.ts";
