import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** The model behind a target reasoner cannot be asked. `cause` is the client's own error. */
export const reasonerUnavailable = (model: string, found: string, fix: string, cause?: unknown): PixelVlaError =>
  pixelVlaError("PVLA_REASONER", { doing: `Asking ${model} for the target object`, found, fix }, { model }, cause);

export const unknownReasoner = (name: string, available: readonly string[], near: string | undefined): PixelVlaError =>
  pixelVlaError(
    "PVLA_UNKNOWN_PLUGIN",
    {
      doing: "Opening a target reasoner",
      found: `none is named "${name}"`,
      fix: `${near === undefined ? "" : `Did you mean "${near}"? `}Available: ${available.join(", ")}`,
    },
    { kind: "targetReasoner", name, available },
  );
