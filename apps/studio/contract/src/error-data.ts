import type { TRPCError } from "@trpc/server";
import { PixelVlaError } from "@pixelvla/core";
import { ZodError, z } from "zod";

/** What a failed procedure tells the renderer (`error.data.studio`): never a stack trace, never a path outside the workspace. */
export interface StudioErrorData {
  /** `PVLA_…` */
  readonly code: string;
  readonly message: string;
  /** What to do about it, where there is a remedy. */
  readonly fix: string | undefined;
}

/** Turns whatever a procedure threw into a code and a sentence. Unknown failures are named as such, without their text. */
export function studioErrorData(error: TRPCError): StudioErrorData {
  const { cause } = error;
  if (cause instanceof PixelVlaError) {
    const fix = cause.facts["fix"];
    return { code: cause.code, message: cause.message, fix: typeof fix === "string" ? fix : undefined };
  }
  if (cause instanceof ZodError)
    return { code: "PVLA_STUDIO_INPUT", message: `Reading the request: ${z.prettifyError(cause)}`, fix: undefined };
  if (error.code === "INTERNAL_SERVER_ERROR")
    return {
      code: "PVLA_STUDIO_INTERNAL",
      message:
        "Answering the request: the studio's host failed unexpectedly. The details are in the terminal it was started from.",
      fix: undefined,
    };
  return { code: `PVLA_STUDIO_${error.code}`, message: error.message, fix: undefined };
}
