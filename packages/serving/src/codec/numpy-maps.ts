import { badMessage } from "../errors.ts";
import { ndArray, type NdArray } from "./nd-array.ts";

/** A picture that came compressed; decoded only when it is looked at. */
export class EncodedPicture {
  readonly format: "png" | "jpeg";
  readonly bytes: Uint8Array;

  constructor(format: "png" | "jpeg", bytes: Uint8Array) {
    this.format = format;
    this.bytes = bytes;
  }
}

/**
 * The value a decoded map stands for: an array (`__ndarray__`), a scalar (`__npgeneric__`), a picture (`__image__`), or itself.
 * @throws PVLA_SERVE_MESSAGE when a marked map lacks what its mark promises
 */
export function numpyValue(map: Record<string, unknown>): unknown {
  if ("__ndarray__" in map) return ndArray(map["dtype"], map["shape"], map["data"]);
  if ("__image__" in map) return picture(map);
  if ("__npgeneric__" in map) {
    const { data } = map;
    if (typeof data === "number" || typeof data === "boolean" || typeof data === "bigint" || typeof data === "string")
      return data;
    throw badMessage("numpy", "a scalar whose data is no number, flag or text");
  }
  return map;
}

function picture(map: Record<string, unknown>): NdArray | EncodedPicture {
  const { format, data, dtype, shape } = map;
  if (format === "raw") return ndArray(dtype, shape, data);
  if ((format === "png" || format === "jpeg") && data instanceof Uint8Array) return new EncodedPicture(format, data);
  throw badMessage("numpy", "a picture that is neither raw, png nor jpeg");
}
