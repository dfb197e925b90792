// Reads the golden adapter and writes it anew with our writer, for tools/peers/check_peft.py: argv[2] is the new folder.
import { fileURLToPath } from "node:url";
import { openCheckpoint, openvlaNames, readTensor, writePeftAdapter } from "../src/checkpoints/index.ts";

const golden = fileURLToPath(new URL("../../backbones/test/golden/llama-lora.adapter.safetensors", import.meta.url));
const { tensors } = await openCheckpoint(golden);
const ours = new Map<string, { shape: readonly number[]; data: Float32Array }>();
for (const [name, tensor] of tensors)
  ours.set(name.replace("base_model.model.language_model.", "backbone."), {
    shape: tensor.shape,
    data: await readTensor(tensor),
  });
await writePeftAdapter(process.argv[2]!, ours, { alpha: 2, base: openvlaNames });
