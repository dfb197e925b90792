export { PixelVlaError, pixelVlaError, sentence, type ErrorSentence } from "./pixelvla-error.ts";
export { nearestName } from "./nearest.ts";
export { workerEntry, type WorkerEntry } from "./worker-entry.ts";
