import { PixelVlaError } from "@pixelvla/core";
import type { Problem } from "@pixelvla/studio-contract";

/** A failure as lists and panels show it. */
export function asProblem(error: unknown): Problem {
  if (!(error instanceof PixelVlaError))
    return { code: "PVLA_STUDIO_INTERNAL", message: error instanceof Error ? error.message : String(error) };
  const fix = error.facts["fix"];
  return { code: error.code, message: error.message, ...(typeof fix === "string" ? { fix } : {}) };
}
