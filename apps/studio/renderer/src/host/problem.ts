import type { Problem, StudioErrorData } from "@pixelvla/studio-contract";

const hasStudioData = (error: unknown): error is { data: { studio: StudioErrorData } } =>
  typeof error === "object" &&
  error !== null &&
  "data" in error &&
  typeof error.data === "object" &&
  error.data !== null &&
  "studio" in error.data;

/** The code, sentence and remedy of whatever a call rejected with. */
export function problemOf(error: unknown): Problem {
  if (hasStudioData(error)) {
    const { code, message, fix } = error.data.studio;
    return { code, message, ...(fix === undefined ? {} : { fix }) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "PVLA_STUDIO_RENDERER", message };
}
