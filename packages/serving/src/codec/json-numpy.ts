import { PixelVlaError } from "@pixelvla/core";
import { badMessage } from "../errors.ts";
import { isNdArray, ndArray, toNumbers, toText, type NdArray } from "./nd-array.ts";

const MAX_DEPTH = 32;

/**
 * Parses JSON in json-numpy's encoding: an object with `__numpy__` becomes an array, or a number when its shape is empty.
 * @throws PVLA_SERVE_MESSAGE
 */
export function parseJsonNumpy(text: string): unknown {
  try {
    return withArrays(JSON.parse(text), 0);
  } catch (error) {
    if (error instanceof PixelVlaError) throw error;
    throw badMessage("JSON", error instanceof Error ? error.message : String(error));
  }
}

function withArrays(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) throw badMessage("JSON", `more than ${MAX_DEPTH} levels of nesting`);
  if (Array.isArray(value)) return value.map((element) => withArrays(element, depth + 1));
  if (Object.hasOwn(value, "__numpy__")) return decodeArray(value as Record<string, unknown>);
  const map = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of Object.entries(value)) map[name] = withArrays(member, depth + 1);
  return map;
}

function decodeArray({ __numpy__: encoded, dtype, shape }: Record<string, unknown>): unknown {
  if (typeof encoded !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0)
    throw badMessage("JSON", "an array whose __numpy__ is no base64");
  const array = ndArray(dtype, shape, new Uint8Array(Buffer.from(encoded, "base64")));
  if (array.shape.length > 0) return array;
  return array.kind === "U" ? toText(array) : toNumbers(array)[0];
}

/** Writes a value as compact JSON, arrays in json-numpy's encoding. */
export function writeJsonNumpy(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (isNdArray(member) ? encodeArray(member) : member));
}

const encodeArray = ({ data, dtype, shape }: NdArray) => ({
  __numpy__: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
  dtype,
  shape,
});
