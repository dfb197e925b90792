export { pixelEncoderConformance } from "./pixel-encoder.ts";
export { projectorConformance } from "./projector.ts";
export { promptEncoderConformance } from "./prompt-encoder.ts";
export { visionEncoderConformance } from "./vision-encoder.ts";
