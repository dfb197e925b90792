import type { RgbImage } from "@pixelvla/data";
import { badObservation } from "../errors.ts";
import { isNdArray, toNumbers, toText } from "../codec/nd-array.ts";
import { EncodedPicture } from "../codec/numpy-maps.ts";
import { EMBODIMENTS } from "./embodiments.ts";
import { rgbImage } from "./image.ts";
import type { ServingOptions } from "./serving-options.ts";
import { PROMPT_FIELD, readPrompt, type ServedPrompt } from "./visual-prompt.ts";

/** An observation as a client sent it, checked; plain data for the inference process. */
export interface ServedObservation {
  /** Raw pixels, or a file's bytes that are decoded where the policy runs. */
  readonly image: RgbImage | { readonly encoded: Uint8Array };
  readonly state: Float32Array;
  readonly instruction: string;
  readonly prompt?: ServedPrompt;
  /** The client says that an episode begins. */
  readonly startsEpisode: boolean;
}

const INSTRUCTION_KEYS = ["prompt", "instruction", "task_description", "observation/instruction", "task"];
const MAX_INSTRUCTION = 4096;

/**
 * Reads what a policy needs out of a client's map: the first image key that is there, the state where the policy has one, the
 * instruction (empty when none is sent, as ALOHA's simulator does), and our two optional fields `visual_prompt` and `reset`.
 * Everything else is ignored.
 * @throws PVLA_SERVE_OBSERVATION, PVLA_SERVE_PROMPT, PVLA_SERVE_MESSAGE
 */
export function readObservation(value: unknown, stateDim: number, options: ServingOptions): ServedObservation {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isNdArray(value))
    throw badObservation("no map", "a map of observation keys");
  const map = value as Record<string, unknown>;
  const embodiment = EMBODIMENTS[options.embodiment];
  const prompt = map[PROMPT_FIELD];
  return {
    image: readImage(map, options.imageKeys ?? embodiment.imageKeys),
    state: stateDim === 0 ? new Float32Array() : readState(map, stateDim, options, embodiment.stateKeys),
    instruction: readInstruction(map),
    ...(prompt === undefined || prompt === null ? {} : { prompt: readPrompt(prompt) }),
    startsEpisode: map["reset"] === true,
  };
}

/** The member `key`, or for `a/b` the member `b` of `a`. */
export function lookUp(map: Record<string, unknown>, key: string): unknown {
  if (map[key] !== undefined) return map[key];
  const slash = key.indexOf("/");
  const inner = slash < 0 ? undefined : map[key.slice(0, slash)];
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return undefined;
  return lookUp(inner as Record<string, unknown>, key.slice(slash + 1));
}

function readImage(map: Record<string, unknown>, keys: readonly string[]): ServedObservation["image"] {
  for (const key of keys) {
    const value = lookUp(map, key);
    if (value === undefined || value === null) continue;
    if (value instanceof EncodedPicture) return { encoded: value.bytes };
    if (isNdArray(value)) return rgbImage(value);
    throw badObservation(`"${key}" is no array`, "an image");
  }
  const found = Object.keys(map)
    .slice(0, 12)
    .map((key) => `"${key.slice(0, 60)}"`);
  throw badObservation(
    found.length === 0 ? "an empty map" : `the keys ${found.join(", ")}`,
    `an image under one of ${keys.map((key) => `"${key}"`).join(", ")}`,
    "Set serving.imageKeys in the recipe for clients that use another",
  );
}

function readState(
  map: Record<string, unknown>,
  stateDim: number,
  { stateKeys, stateIndices }: ServingOptions,
  own: readonly (readonly string[])[],
): Float32Array {
  const alternatives = stateKeys ?? own;
  for (const keys of alternatives) {
    const parts = keys.map((key) => lookUp(map, key));
    if (parts.some((part) => part === undefined || part === null)) continue;
    const numbers = parts.flatMap((part, i) => numbersOf(part, keys[i]!));
    const state = stateIndices === undefined ? numbers : stateIndices.map((i) => numbers[i] ?? NaN);
    if (state.length !== stateDim)
      throw badObservation(
        `a state of ${state.length} values under "${keys.join('", "')}"`,
        `${stateDim}`,
        "Set serving.stateIndices to the entries the policy was trained on",
      );
    const bad = state.findIndex((entry) => !Number.isFinite(entry));
    if (bad >= 0) throw badObservation(`${state[bad]!} at entry ${bad} of the state`, "finite numbers");
    return Float32Array.from(state);
  }
  throw badObservation(
    "no state",
    `one of ${alternatives.map((keys) => `"${keys.join('" + "')}"`).join(", ")} with ${stateDim} values`,
  );
}

function numbersOf(value: unknown, key: string): number[] {
  if (isNdArray(value)) return [...toNumbers(value)];
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  if (list.every((entry) => typeof entry === "number")) return list;
  throw badObservation(`"${key}" is no list of numbers`, "numbers");
}

function readInstruction(map: Record<string, unknown>): string {
  for (const key of INSTRUCTION_KEYS) {
    const value = lookUp(map, key);
    if (value === undefined || value === null) continue;
    const text = isNdArray(value) && value.kind === "U" ? toText(value) : value;
    if (typeof text !== "string") throw badObservation(`"${key}" is no text`, "the instruction as text");
    if (text.length > MAX_INSTRUCTION)
      throw badObservation(`an instruction of ${text.length} characters`, `at most ${MAX_INSTRUCTION}`);
    return text;
  }
  return "";
}
