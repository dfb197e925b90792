import { badMetadata } from "../errors.ts";
import type { CameraInfo } from "../episode.ts";
import type { FeatureSpec } from "./features.ts";

/** The features of an RLDS dataset, sorted by what readers ask for. Keys come without `steps/`. */
export interface RldsLayout {
  readonly steps: ReadonlyMap<string, FeatureSpec>;
  readonly episode: ReadonlyMap<string, FeatureSpec>;
  readonly numericKeys: readonly string[];
  /** Text features that hold the instruction, best first. */
  readonly instructionKeys: readonly string[];
  readonly cameras: readonly CameraInfo[];
  readonly cameraSpecs: ReadonlyMap<string, FeatureSpec>;
  /** The per-frame feature that counts frames. */
  readonly counter: FeatureSpec;
}

const COUNTERS = ["is_first", "is_last", "is_terminal", "reward", "discount"];
const INSTRUCTIONS = [
  "language_instruction",
  "observation/natural_language_instruction",
  "natural_language_instruction",
];

/** @throws PVLA_DATA_METADATA when there is no `steps` dataset */
export function rldsLayout(specs: readonly FeatureSpec[]): RldsLayout {
  const steps = new Map<string, FeatureSpec>();
  const episode = new Map<string, FeatureSpec>();
  for (const spec of specs) {
    if (spec.perStep) steps.set(spec.key.replace(/^steps\//, ""), spec);
    else episode.set(spec.key, spec);
  }
  const counter = COUNTERS.map((key) => steps.get(key)).find((spec) => spec?.kind === "tensor") ?? anyCounter(steps);
  if (!counter)
    throw badMetadata("features.json", `no "steps" dataset with a feature of fixed shape`, {
      needed: "an RLDS dataset (episodes of steps)",
    });
  const cameraSpecs = new Map<string, FeatureSpec>();
  for (const [key, spec] of steps) {
    const isRgb =
      spec.kind === "image" && spec.sequenceRank === 1 && spec.dtype === "uint8" && (spec.shape[2] ?? 3) === 3;
    if (isRgb) cameraSpecs.set(key.replace(/^observation\//, ""), spec);
  }
  return {
    steps,
    episode,
    counter,
    cameraSpecs,
    cameras: [...cameraSpecs].map(([key, { shape }]) => ({ key, heightPx: size(shape[0]), widthPx: size(shape[1]) })),
    numericKeys: [...steps].flatMap(([key, { kind, shape }]) => (kind === "tensor" && shape.length <= 1 ? [key] : [])),
    instructionKeys: instructionKeys(steps, episode),
  };
}

const size = (value: number | undefined) => (value === undefined || value < 0 ? 0 : value);

function anyCounter(steps: ReadonlyMap<string, FeatureSpec>): FeatureSpec | undefined {
  const fixed = (spec: FeatureSpec) => spec.sequenceRank === 1 && spec.shape.every((n) => n > 0);
  return [...steps.values()].filter(fixed).sort((a, b) => area(a.shape) - area(b.shape))[0];
}

const area = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function instructionKeys(...maps: ReadonlyMap<string, FeatureSpec>[]): string[] {
  const texts = maps.flatMap((map) => [...map].flatMap(([key, { kind }]) => (kind === "text" ? [key] : [])));
  const known = INSTRUCTIONS.filter((key) => texts.includes(key));
  const other = texts.filter((key) => !known.includes(key) && /instruction|(^|\/)task($|_)/i.test(key));
  return [...known, ...other];
}
