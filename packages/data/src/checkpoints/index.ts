export { bindAllParameters, bindParameters, type BindReport, type NameMap } from "./bind.ts";
export { openCheckpoint, type Checkpoint } from "./checkpoint.ts";
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.ts";
export { openPeftAdapter, peftNames, readAdapterWeights, writePeftAdapter, type PeftAdapter } from "./peft/adapter.ts";
export { mergeCheckpoint, type MergeOptions } from "./peft/merge-checkpoint.ts";
export { mergeLora } from "./peft/merge-lora.ts";
export {
  combinedNames,
  dinov2Names,
  oftHeadNames,
  openvlaNames,
  ownNames,
  pi0Names,
  samPromptNames,
  siglipNames,
} from "./name-maps.ts";
export { quantiseMatrix, type QuantisedMatrix } from "./quantise.ts";
export { quantiseCheckpoint, type QuantiseCheckpointOptions } from "./quantise-checkpoint.ts";
export { readTensor } from "./read-tensor.ts";
export { readSafetensorsHeader, type SafetensorsHeader, type StoredTensor } from "./safetensors.ts";
export { writeSafetensors, type TensorToWrite } from "./write-safetensors.ts";
