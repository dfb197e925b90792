import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";

const list = (names: readonly string[], most = 12) =>
  names.length <= most
    ? names.map((n) => `"${n}"`).join(", ") || "none"
    : `${names
        .slice(0, most)
        .map((n) => `"${n}"`)
        .join(", ")} and ${names.length - most} more`;

/** A fed name is missing or unknown. */
export function feedNames(
  missing: readonly string[],
  unknown: readonly string[],
  expected: readonly string[],
): PixelVlaError {
  const near = unknown[0] === undefined ? undefined : nearestName(unknown[0], expected);
  return pixelVlaError(
    "PVLA_FEEDS",
    {
      doing: "Running a program",
      found: [
        missing.length > 0 ? `nothing fed for ${list(missing)}` : "",
        unknown.length > 0 ? `${list(unknown)} fed, which the program does not have` : "",
      ]
        .filter((s) => s !== "")
        .join(" and "),
      needed: `inputs ${list(expected)}`,
      ...(near === undefined ? {} : { fix: `Did you mean "${near}"?` }),
    },
    { missing, unknown },
  );
}

/** A fed array has the wrong element type or length. */
export function feedMismatch(name: string, found: string, needed: string): PixelVlaError {
  return pixelVlaError("PVLA_FEEDS", { doing: `Feeding input "${name}"`, found, needed }, { name });
}

/** The runtime refused to build a session. */
export function compileFailed(provider: string, reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_ENGINE_COMPILE",
    {
      doing: `Compiling a program for ${provider}`,
      found: reason,
      fix: `Check the operator named above, or choose another provider`,
    },
    { provider },
    cause,
  );
}

/** The runtime failed while running. */
export function runFailed(reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError("PVLA_ENGINE_RUN", { doing: "Running a program", found: reason }, {}, cause);
}

/** The worker ended without an answer. */
export function workerCrashed(what: string, reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_ENGINE_CRASHED",
    {
      doing: `Running the ${what} worker`,
      found: reason,
      fix: `Start again from the last checkpoint; with an out-of-memory message lower the batch size`,
    },
    {},
    cause,
  );
}

/** Something was asked of a worker that was disposed. */
export function disposed(what: string): PixelVlaError {
  return pixelVlaError("PVLA_DISPOSED", { doing: `Using the ${what}`, found: "it was disposed", needed: "a live one" });
}

export function timedOut(what: string, timeoutMs: number): PixelVlaError {
  return pixelVlaError(
    "PVLA_ENGINE_TIMEOUT",
    { doing: `Waiting for the ${what}`, found: `no answer after ${timeoutMs} ms`, fix: "Allow more time" },
    { timeoutMs },
  );
}

export function cancelled(what: string): PixelVlaError {
  return pixelVlaError("PVLA_CANCELLED", { doing: `Waiting for the ${what}`, found: "it was cancelled" });
}

/** A provider was named that this machine does not have. */
export function providerAbsent(provider: string, reason: string, present: readonly string[]): PixelVlaError {
  return pixelVlaError(
    "PVLA_PROVIDER_ABSENT",
    {
      doing: `Choosing the provider "${provider}"`,
      found: reason,
      fix: `Present here: ${present.join(", ")}`,
    },
    { provider, present },
  );
}

/** The loss or a gradient is NaN or infinite; nothing was updated. */
export function nonFinite(step: number, loss: number, where: readonly string[]): PixelVlaError {
  return pixelVlaError(
    "PVLA_NONFINITE",
    {
      doing: `Train step ${step}`,
      found: Number.isFinite(loss)
        ? `loss ${loss} but NaN or infinite gradients in ${list(where, 4)}`
        : `a loss of ${loss}`,
      needed: "finite numbers",
      fix: "The parameters were left as before the step. Lower the learning rate, clip gradients, or look at this batch",
    },
    { step, loss, parameters: where },
  );
}

/** A train program lacks what a train session needs. */
export function notTrainable(found: string, needed: string): PixelVlaError {
  return pixelVlaError("PVLA_TRAIN_PROGRAM", { doing: "Creating a train session", found, needed });
}

/** A checkpoint does not fit the parameters. */
export function stateMismatch(found: string, needed: string): PixelVlaError {
  return pixelVlaError("PVLA_TRAIN_STATE", {
    doing: "Loading a train state",
    found,
    needed,
    fix: "Use the recipe the checkpoint was made with",
  });
}

/** Weights in a file cannot be read. */
export function weightsUnreadable(parameter: string, file: string, reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_WEIGHTS",
    { doing: `Reading parameter "${parameter}"`, found: reason, fix: `Check ${file}` },
    { parameter, file },
    cause,
  );
}

/** A program uses an operator the tfjs engine has no kernel for. */
export function kernelMissing(operator: string, known: readonly string[]): PixelVlaError {
  return pixelVlaError(
    "PVLA_KERNEL_MISSING",
    {
      doing: "Compiling a program for tfjs",
      found: `operator ${operator}, which has no kernel`,
      fix: `Add src/tfjs/kernels for it or use the onnxruntime engine. Kernels: ${known.join(", ")}`,
    },
    { operator },
  );
}

/** A model file cannot be opened. */
export function onnxFileUnreadable(path: string, reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_ONNX_FILE",
    {
      doing: "Opening a model file",
      found: reason,
      needed: "a whole ONNX model",
      fix: `Check or download again: ${path}`,
    },
    { path },
    cause,
  );
}
