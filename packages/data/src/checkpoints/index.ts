export { bindAllParameters, bindParameters, type BindReport, type NameMap } from "./bind.ts";
export { openCheckpoint, type Checkpoint } from "./checkpoint.ts";
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.ts";
export { combinedNames, oftHeadNames, openvlaNames, ownNames, pi0Names, samPromptNames } from "./name-maps.ts";
export { quantiseMatrix, type QuantisedMatrix } from "./quantise.ts";
export { quantiseCheckpoint, type QuantiseCheckpointOptions } from "./quantise-checkpoint.ts";
export { readTensor } from "./read-tensor.ts";
export { readSafetensorsHeader, type SafetensorsHeader, type StoredTensor } from "./safetensors.ts";
export { writeSafetensors, type TensorToWrite } from "./write-safetensors.ts";
