import { mkdtempSync, realpathSync, writeFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import {
  hostArray,
  initialValues,
  matmulNBitsOperator,
  toOnnx,
  type FileRegion,
  type HostArray,
  type Parameter,
  type Program,
} from "@pixelvla/core";
import type { CompileOptions } from "../engine.ts";
import { weightsUnreadable } from "../errors.ts";
import { tensorSpec, type TensorSpec } from "../tensor-spec.ts";

/** Above this many bytes, in-memory weights go through a temporary file: protobuf messages end at 2 GiB. */
const EMBEDDED_LIMIT = 1 << 30;

/** A serialised program with every parameter in its place; plain data, so it crosses threads. */
export interface PlacedModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Folder that file references are relative to; the files are mapped, not read. */
  readonly weightsFolder: string | undefined;
  /** Weights are block-wise codes, which run tens of times slower where they are not prepacked, and pack to their own size. */
  readonly hasBlockWeights: boolean;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Folder to remove once the session exists, for weights that were too large to embed. */
  readonly temporaryFolder: string | undefined;
}

type Placement = Pick<CompileOptions, "values" | "seed" | "fed">;

/**
 * Serialises a program. Fed parameters become inputs, values in memory are embedded, weights in files are referenced
 * where they lie: onnxruntime refuses links out of its folder, but accepts any path below a named folder, so that folder is
 * the deepest one that holds them all.
 *
 * @throws PVLA_WEIGHTS for a file that is absent
 */
export function placeModel(program: Program, { values, seed = 0, fed = () => false }: Placement): PlacedModel {
  const embedded = new Map<string, HostArray>();
  const regions = new Map<string, FileRegion>();
  const fedParameters: Parameter[] = [];
  for (const parameter of program.parameters) {
    const { name, source } = parameter;
    const given = values?.get(name);
    if (fed(parameter)) fedParameters.push(parameter);
    else if (given !== undefined) embedded.set(name, given);
    else if (source.kind === "file") regions.set(name, { ...source, file: realFile(parameter, source.file) });
    else embedded.set(name, initialValues(parameter, seed));
  }
  const temporaryFolder = spill(embedded, regions);
  const weightsFolder = commonFolder([...new Set([...regions.values()].map(({ file }) => file))]);
  const model = toOnnx(program, {
    placement({ name, tensor }) {
      const region = regions.get(name);
      if (region !== undefined) {
        const location = relative(weightsFolder!, region.file).split(sep).join("/");
        return { ...region, location };
      }
      return embedded.get(name) === undefined ? "input" : stored(embedded.get(name)!, tensor.dtype);
    },
  });
  return {
    bytes: model.bytes as Uint8Array<ArrayBuffer>,
    weightsFolder,
    temporaryFolder,
    hasBlockWeights: program.nodes.some(({ operator }) => operator.name === matmulNBitsOperator.name),
    inputs: [
      ...[...program.inputs].map(([name, tensor]) => tensorSpec(name, tensor)),
      ...fedParameters.map(({ name, tensor }) => tensorSpec(name, tensor)),
    ],
    outputs: [...program.outputs].map(([name, tensor]) => tensorSpec(name, tensor)),
  };
}

export function removeTemporary({ temporaryFolder }: PlacedModel): void {
  if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true });
}

function realFile({ name }: Parameter, file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    throw weightsUnreadable(name, file, "the file does not exist or may not be read", error);
  }
}

/** Initial values are float32; parameters of another float type are converted. */
function stored(values: HostArray, dtype: Parameter["tensor"]["dtype"]): HostArray {
  if (dtype === "float32" || !(values instanceof Float32Array)) return values;
  const converted = hostArray(dtype, values.length);
  if (converted instanceof BigInt64Array) converted.set(BigInt64Array.from(values, (v) => BigInt(Math.trunc(v))));
  else converted.set(values);
  return converted;
}

/** Moves embedded values beyond the limit into one temporary file and refers to it. */
function spill(embedded: Map<string, HostArray>, regions: Map<string, FileRegion>): string | undefined {
  const total = [...embedded.values()].reduce((sum, v) => sum + v.byteLength, 0);
  if (total <= EMBEDDED_LIMIT) return undefined;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pixelvla-weights-")));
  let index = 0;
  for (const [name, values] of embedded) {
    if (!(values instanceof Float32Array)) continue;
    const file = join(folder, `${index++}.bin`);
    writeFileSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    regions.set(name, { kind: "file", file, offset: 0, byteLength: values.byteLength, dtype: "float32" });
    embedded.delete(name);
  }
  return folder;
}

function commonFolder(files: readonly string[]): string | undefined {
  const [first, ...rest] = files;
  if (first === undefined) return undefined;
  let folder = dirname(first);
  const holds = (file: string) => file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
  while (!rest.every(holds) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
