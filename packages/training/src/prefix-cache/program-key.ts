import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { initialValues, printProgram, type HostArray, type Parameter, type Program } from "@pixelvla/core";
import { ONNXRUNTIME_VERSION } from "@pixelvla/engines";

/** Rows of another layout are never read: part of every key. */
const FORMAT = 1;

export interface ProgramKeyOptions {
  /** Values of parameters by name; they win over the parameters' own sources. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly seed: number;
  readonly provider: string;
  /** How values are stored. */
  readonly dtype: string;
}

/**
 * What a prefix computes, as 32 hexadecimal digits: its operators, shapes (batch included), constants and the content of all of its
 * weights, wherever they lie, and what runs it. Equal keys give equal bits.
 * @throws the system's error when a weight file cannot be read
 */
export async function programKey(prefix: Program, options: ProgramKeyOptions): Promise<string> {
  const { values, seed, provider, dtype } = options;
  const hash = createHash("sha256");
  hash.update(`${FORMAT} ${provider} ${ONNXRUNTIME_VERSION} ${process.arch} ${dtype}\n${printProgram(prefix)}\n`);
  for (const { origin } of prefix.constants) if (origin.kind === "constant") hash.update(bytesOf(origin.data));
  for (const parameter of prefix.parameters) {
    hash.update(`\n${parameter.name} `);
    hash.update(await weightDigest(parameter, values.get(parameter.name), seed));
  }
  return hash.digest("hex").slice(0, 32);
}

async function weightDigest(parameter: Parameter, given: Float32Array | undefined, seed: number): Promise<Uint8Array> {
  const { source } = parameter;
  const hash = createHash("sha256");
  if (given === undefined && source.kind === "file") {
    hash.update(source.dtype);
    const { file, offset, byteLength } = source;
    const end = offset + byteLength - 1;
    for await (const chunk of createReadStream(file, { start: offset, end, highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
  } else hash.update(bytesOf(given ?? initialValues(parameter, seed)));
  return hash.digest();
}

const bytesOf = (values: HostArray) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
