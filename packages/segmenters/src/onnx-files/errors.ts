import type { OnnxSignature } from "@pixelvla/engines";
import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

const written = (values: OnnxSignature["inputs"]) =>
  values.map(({ name, type, shape }) => `${name} ${type}[${shape.join(", ")}]`).join("; ");

/** No adapter reads what a file takes and gives. */
export function unknownSignature(
  path: string,
  role: string,
  signature: OnnxSignature,
  fits: readonly string[],
): PixelVlaError {
  return pixelVlaError(
    "PVLA_ONNX_SIGNATURE",
    {
      doing: `Opening ${path} as ${role}`,
      found: `inputs ${written(signature.inputs)} and outputs ${written(signature.outputs)}`,
      needed: `one of: ${fits.join(" | ")}`,
      fix: "Export the model in one of these forms, or open it as what it is",
    },
    { path, role },
  );
}

/** A file is not the one that was asked for. */
export function wrongHash(path: string, found: string, needed: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_MODEL_HASH",
    {
      doing: `Checking ${path}`,
      found: `sha256 ${found}`,
      needed: `sha256 ${needed}`,
      fix: "Download the file again from its pinned source",
    },
    { path, found, needed },
  );
}
