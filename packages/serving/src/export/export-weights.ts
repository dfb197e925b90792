import { initialValues, type FileRegion, type Parameter, type QuantiseOptions, type Recipe } from "@pixelvla/core";
import { float32ToBfloat16, float32ToFloat16, mergeLora, quantiseMatrix, readTensor } from "@pixelvla/data/checkpoints";
import type { FloatTensor } from "@pixelvla/training";
import type { StoredWeights, WeightsFile } from "./weights-file.ts";

/** How weights are stored. `stored`: float32, or the checkpoint's own type where they lie in one. */
export const PRECISIONS = ["stored", "float16", "int8", "int4"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Weights that share a scale, along the input. */
export const QUANTISED_BLOCK = 32;

/** What the exported recipe's backbone is quantised to; null where weights stay floats. */
export const quantisationOf = (precision: Precision): QuantiseOptions | null =>
  precision === "int8" || precision === "int4"
    ? {
        bits: precision === "int8" ? 8 : 4,
        blockSize: QUANTISED_BLOCK,
        activations: "float32" as const,
        exclude: ["lm_head$"],
      }
    : null;

/** Where the weights of an export come from. */
export interface WeightOrigin {
  readonly recipe: Recipe;
  /** Trained values by name, adapters among them. */
  readonly trained: ReadonlyMap<string, FloatTensor>;
  /** Regions of the base checkpoint by parameter name. */
  readonly base: ReadonlyMap<string, FileRegion & { readonly shape: readonly number[] }>;
  readonly seed: number;
  readonly precision: Precision;
}

const CODES = ".codes";
const SCALES = ".scales";

/** Writes the weights of one program's parameters, each once, merged and converted, one tensor in memory at a time. */
export class WeightExporter {
  readonly #origin: WeightOrigin;
  readonly #file: WeightsFile;
  readonly #written = new Map<string, StoredWeights>();

  constructor(origin: WeightOrigin, file: WeightsFile) {
    this.#origin = origin;
    this.#file = file;
  }

  /** Regions by parameter name. */
  get written(): ReadonlyMap<string, StoredWeights> {
    return this.#written;
  }

  async write(parameters: readonly Parameter[]): Promise<void> {
    for (const parameter of parameters)
      if (!this.#written.has(parameter.name)) await this.#writeOne(parameter, parameters);
  }

  async #writeOne(parameter: Parameter, all: readonly Parameter[]): Promise<void> {
    const { name } = parameter;
    const { precision } = this.#origin;
    if (name.endsWith(CODES)) {
      await this.#writeQuantised(parameter, all);
      return;
    }
    if (name.endsWith(SCALES) && this.#isQuantised(name.slice(0, -SCALES.length))) return; // with its codes
    const region = this.#origin.base.get(name);
    const isFloat = parameter.tensor.dtype === "float32";
    const untouched = !this.#origin.trained.has(name) && !this.#hasAdapter(name);
    const keeps = precision !== "float16" || region?.dtype === "float16" || !isFloat;
    if (region !== undefined && untouched && keeps) {
      this.#written.set(name, await this.#file.copy(region));
      return;
    }
    const values = await this.#values(parameter);
    if (precision === "float16" && isFloat) await this.#add(name, float32ToFloat16(values), "float16");
    else if (region?.dtype === "bfloat16") await this.#add(name, float32ToBfloat16(values), "bfloat16");
    else if (region?.dtype === "float16") await this.#add(name, float32ToFloat16(values), "float16");
    else await this.#add(name, values, "float32");
  }

  async #writeQuantised({ name, tensor }: Parameter, all: readonly Parameter[]): Promise<void> {
    const weight = name.slice(0, -CODES.length);
    const scales = all.find((parameter) => parameter.name === `${weight}${SCALES}`)!;
    const { bits, blockSize } = quantisationOf(this.#origin.precision)!;
    const outputs = tensor.shape[0]!;
    // The float weight is not in this program: its size follows from what is stored of it.
    const values = await this.#named(weight, outputs);
    const quantised = quantiseMatrix(values, outputs, bits, blockSize);
    await this.#add(name, quantised.codes, "uint8");
    await this.#add(scales.name, quantised.scales, "float32");
  }

  #isQuantised(weight: string): boolean {
    return this.#origin.trained.has(weight) || this.#origin.base.has(weight) || this.#written.has(`${weight}${CODES}`);
  }

  #hasAdapter(name: string): boolean {
    return this.#origin.trained.has(adapterName(name, "A"));
  }

  /** Float values of a parameter, its adapter folded in. */
  async #values(parameter: Parameter): Promise<Float32Array> {
    const { trained, base, seed } = this.#origin;
    const region = base.get(parameter.name);
    const values =
      trained.get(parameter.name)?.data ??
      (region === undefined
        ? initialValues(parameter, seed)
        : await readTensor({ name: parameter.name, shape: region.shape, region }));
    return this.#merged(parameter.name, values);
  }

  async #named(name: string, outputs: number): Promise<Float32Array> {
    const { trained, base } = this.#origin;
    const region = base.get(name);
    const stored = trained.get(name)?.data;
    if (stored !== undefined) return this.#merged(name, stored);
    if (region !== undefined) return this.#merged(name, await readTensor({ name, shape: region.shape, region }));
    throw new Error(`internal: no values for ${name} with ${outputs} rows`);
  }

  #merged(name: string, values: Float32Array): Float32Array {
    const { trained, recipe } = this.#origin;
    const [a, b] = [trained.get(adapterName(name, "A")), trained.get(adapterName(name, "B"))];
    const { lora } = recipe.backbone;
    if (a === undefined || b === undefined || lora === null) return values;
    return mergeLora(values, a.data, b.data, lora.rank, lora.alpha);
  }

  async #add(name: string, values: Float32Array | Uint16Array | Uint8Array, dtype: FileRegion["dtype"]): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#written.set(name, await this.#file.add(bytes, dtype));
  }
}

/** Only matrices have adapters: a bias under its own name would be taken for one. */
const adapterName = (name: string, half: "A" | "B") =>
  name.endsWith(".weight") ? name.replace(/weight$/, `lora_${half}.weight`) : "";
