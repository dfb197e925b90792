import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A weight file is damaged or of the wrong kind. */
export function damagedCheckpoint(file: string, found: string, fix: string): PixelVlaError {
  return pixelVlaError("PVLA_CHECKPOINT_DAMAGED", { doing: `Reading checkpoint ${file}`, found, fix }, { file });
}

/** PyTorch pickles may run code when read; they are never opened. */
export function pickleRefused(file: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_CHECKPOINT_PICKLE",
    {
      doing: `Reading checkpoint ${file}`,
      found: "a PyTorch pickle, which can run code when it is opened",
      needed: "safetensors",
      fix: `Convert it once in Python: from safetensors.torch import save_file; save_file(torch.load("${file}", weights_only=True), "model.safetensors")`,
    },
    { file },
  );
}

export function checkpointNotFound(path: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_CHECKPOINT_NOT_FOUND",
    {
      doing: `Opening checkpoint ${path}`,
      found: "neither a .safetensors file, nor a folder with model.safetensors or model.safetensors.index.json",
      fix: "Give the folder that holds the weights, or download it with: pixelvla models pull REPO",
    },
    { path },
  );
}

export interface MismatchedTensor {
  readonly parameter: string;
  readonly tensor: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

/** Parameters of a policy that a checkpoint does not provide as they are needed. */
export function checkpointMismatch(
  source: string,
  missing: readonly string[],
  mismatched: readonly MismatchedTensor[],
  unused: readonly string[],
): PixelVlaError {
  const lines: string[] = [];
  for (const name of missing.slice(0, 5)) {
    const near = nearestName(name, unused);
    lines.push(`"${name}" is missing${near === undefined ? "" : ` (nearest in the file: "${near}")`}`);
  }
  for (const m of mismatched.slice(0, 5)) {
    lines.push(`"${m.tensor}" is [${m.found.join(", ")}], needs [${m.expected.join(", ")}]`);
  }
  const rest = missing.length + mismatched.length - lines.length;
  return pixelVlaError(
    "PVLA_CHECKPOINT_MISMATCH",
    {
      doing: `Loading weights from ${source}`,
      found: `${lines.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`,
      fix: "Check that recipe and checkpoint belong together",
    },
    { missing, mismatched },
  );
}

/** An adapter that is not plain LoRA, or does not belong to its base. */
export function unsupportedAdapter(folder: string, found: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_ADAPTER",
    {
      doing: `Reading adapter ${folder}`,
      found,
      needed: "plain LoRA as peft saves it, one rank and alpha, for layers of this base",
      fix: "Merge it with peft (merge_and_unload) and use the merged checkpoint",
    },
    { folder },
  );
}

/** A new checkpoint is to be written where something lies. */
export function targetExists(what: string, target: string): PixelVlaError {
  return pixelVlaError("PVLA_TARGET_EXISTS", {
    doing: `Writing a ${what} checkpoint to ${target}`,
    found: "something is there already",
    fix: "Choose another --out folder or remove it",
  });
}
