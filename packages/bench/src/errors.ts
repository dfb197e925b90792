import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A name that is on no list of the benchmark (task, variant, policy, embodiment, mask source …). */
export function unknownName(kind: string, name: string, available: readonly string[]): PixelVlaError {
  const near = nearestName(name, available);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  return pixelVlaError(
    "PVLA_BENCH_UNKNOWN_NAME",
    {
      doing: `Setting up the tabletop benchmark`,
      found: `no ${kind} is named "${name}"`,
      fix: `${hint} Available: ${available.join(", ")}`.trim(),
    },
    { kind, name, available },
  );
}

/** An option of the benchmark outside its range. */
export function badOption(option: string, found: string, needed: string): PixelVlaError {
  return pixelVlaError("PVLA_BENCH_OPTION", { doing: `Reading option "${option}"`, found, needed }, { option });
}

/** A layout that could not be placed without overlaps. */
export function layoutTooCrowded(facts: { task: string; seed: number; nObjects: number }): PixelVlaError {
  return pixelVlaError(
    "PVLA_BENCH_CROWDED",
    {
      doing: `Placing ${facts.nObjects} objects for task "${facts.task}", seed ${facts.seed}`,
      found: "no arrangement without overlaps",
      fix: "Use another seed or fewer objects",
    },
    facts,
  );
}

/** A log that does not lead to the recorded states when replayed. */
export function replayDiffers(facts: {
  episode: string;
  stepIndex: number;
  expected: string;
  found: string;
}): PixelVlaError {
  return pixelVlaError(
    "PVLA_BENCH_REPLAY",
    {
      doing: `Replaying episode ${facts.episode}`,
      found: `state hash ${facts.found} after env step ${facts.stepIndex}`,
      needed: facts.expected,
      fix: "The log was written by another version of the benchmark or of MuJoCo, or was changed",
    },
    facts,
  );
}

/** A file that is not an episode log of this version. */
export function badLog(file: string, reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_BENCH_LOG",
    { doing: `Reading episode log ${file}`, found: reason, fix: "Record it again" },
    { file },
    cause,
  );
}

/** A policy module without the expected factory. */
export function badPolicyModule(file: string, reason: string, cause?: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_BENCH_POLICY_MODULE",
    {
      doing: `Loading policy module ${file}`,
      found: reason,
      needed: "an exported function createPolicy(options) that returns a policy",
    },
    { file },
    cause,
  );
}

/** A recording that would overwrite something. */
export function outputExists(path: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_BENCH_OUTPUT_EXISTS",
    { doing: "Preparing the output", found: `${path} already exists`, fix: "Choose another path or remove it" },
    { path },
  );
}
