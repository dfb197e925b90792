import { open } from "node:fs/promises";
import { sizeOf, type Parameter } from "@pixelvla/core";

/**
 * Writes parameters with random values drawn as their initialisers say to a safetensors file, one tensor in memory at a
 * time, so that the file's making does not count as memory of what is measured. Seeded by the tensor's place.
 */
export async function writeRandomCheckpoint(file: string, parameters: Iterable<Parameter>): Promise<void> {
  const unique = [...new Map([...parameters].map((parameter) => [parameter.name, parameter])).values()];
  let offset = 0;
  const header: Record<string, object> = { __metadata__: { format: "pt" } };
  for (const { name, tensor } of unique) {
    const end = offset + 4 * sizeOf(tensor.shape);
    header[name] = { dtype: "F32", shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const handle = await open(file, "w");
  try {
    await handle.write(length);
    await handle.write(padded);
    for (const [index, parameter] of unique.entries()) {
      const values = randomValues(parameter, index + 1);
      await handle.write(new Uint8Array(values.buffer));
    }
  } finally {
    await handle.close();
  }
}

function randomValues({ source, tensor }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(tensor.shape));
  const spread = source.kind === "uniform" ? source.bound : source.kind === "normal" ? source.std * Math.sqrt(3) : 0.02;
  const centre = source.kind === "ones" ? 1 : source.kind === "constant" ? source.value : 0;
  let state = (seed * 2654435761) >>> 0;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = centre + spread * ((state / 2 ** 32) * 2 - 1);
  }
  return values;
}
