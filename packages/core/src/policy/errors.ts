import { nearestName } from "../nearest.ts";
import { pixelVlaError, type PixelVlaError } from "../pixelvla-error.ts";

const KIND_WORDS: Readonly<Record<string, string>> = {
  visionEncoder: "vision encoder",
  projector: "projector",
  pixelEncoder: "pixel encoder",
  promptEncoder: "prompt encoder",
  backbone: "backbone",
  decoder: "action decoder",
};

export function unknownPlugin(doing: string, kind: string, name: string, available: readonly string[]): PixelVlaError {
  const near = nearestName(name, available);
  const list = available.length === 0 ? "none is registered" : `Available: ${[...available].sort().join(", ")}`;
  return pixelVlaError(
    "PVLA_UNKNOWN_PLUGIN",
    {
      doing,
      found: `no ${KIND_WORDS[kind] ?? kind} is named "${name}"`,
      fix: `${near === undefined ? "" : `Did you mean "${near}"? `}${list}`,
    },
    { kind, name, available },
  );
}

export function duplicatePlugin(kind: string, name: string): PixelVlaError {
  return pixelVlaError("PVLA_DUPLICATE_PLUGIN", {
    doing: "Registering plugins",
    found: `two ${KIND_WORDS[kind] ?? kind} plugins are named "${name}"`,
    fix: "Rename one of them",
  });
}

/** Two parts of a policy do not fit each other. */
export function incompatible(parts: { doing: string; found: string; needed: string; fix: string }): PixelVlaError {
  return pixelVlaError("PVLA_INCOMPATIBLE", parts);
}

/** A recipe's value does not satisfy its schema. */
export function invalidConfig(doing: string, path: string, problem: string, place?: string): PixelVlaError {
  const where = place === undefined ? "" : ` (${place})`;
  return pixelVlaError(
    "PVLA_CONFIG",
    { doing, found: `${path === "" ? "the document" : path} ${problem}${where}` },
    { path, place },
  );
}
