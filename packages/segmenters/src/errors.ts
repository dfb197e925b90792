import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";
import type { VisionPlugin } from "./contracts.ts";

const KIND_WORDS: Readonly<Record<VisionPlugin["kind"], string>> = {
  segmenter: "segmenter",
  objectDetector: "object detector",
  tracker: "tracker",
};

export function unknownVisionPlugin(
  doing: string,
  kind: VisionPlugin["kind"],
  name: string,
  available: readonly string[],
): PixelVlaError {
  const near = nearestName(name, available);
  const list = available.length === 0 ? "None is registered" : `Available: ${[...available].sort().join(", ")}`;
  return pixelVlaError(
    "PVLA_UNKNOWN_PLUGIN",
    {
      doing,
      found: `no ${KIND_WORDS[kind]} is named "${name}"`,
      fix: `${near === undefined ? "" : `Did you mean "${near}"? `}${list}`,
    },
    { kind, name, available },
  );
}

export function duplicateVisionPlugin(kind: VisionPlugin["kind"], name: string): PixelVlaError {
  return pixelVlaError("PVLA_DUPLICATE_PLUGIN", {
    doing: "Registering vision models",
    found: `two ${KIND_WORDS[kind]} plugins are named "${name}"`,
    fix: "Rename one of them",
  });
}

/** A model's folder lacks a file, or a file of it is not what it should be. */
export function modelFolderDamaged(folder: string, found: string, fix: string): PixelVlaError {
  return pixelVlaError("PVLA_MODEL_FOLDER", { doing: `Opening model folder ${folder}`, found, fix }, { folder });
}

export interface WeightMismatch {
  readonly tensor: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

/** The weights do not belong to the configuration beside them. */
export function modelWeightsMismatch(
  folder: string,
  missing: readonly string[],
  mismatched: readonly WeightMismatch[],
  unused: readonly string[],
): PixelVlaError {
  const lines = [
    ...missing.map((name) => {
      const near = nearestName(name, unused);
      return `"${name}" is missing${near === undefined ? "" : ` (nearest in the file: "${near}")`}`;
    }),
    ...mismatched.map(
      ({ tensor, expected, found }) => `"${tensor}" is [${found.join(", ")}], needs [${expected.join(", ")}]`,
    ),
  ];
  const rest = lines.length - 5;
  return pixelVlaError(
    "PVLA_MODEL_WEIGHTS",
    {
      doing: `Loading weights from ${folder}`,
      found: `${lines.slice(0, 5).join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`,
      fix: "Check that config.json and the weights are of one model, or download the folder again",
    },
    { folder, missing, mismatched },
  );
}

/** A prompt that asks for nothing, or for something no model can answer. */
export function badPrompt(found: string, fix: string): PixelVlaError {
  return pixelVlaError("PVLA_SEGMENT_PROMPT", { doing: "Segmenting a picture", found, fix });
}

/** A picture whose data does not fit its size. */
export function badPicture(found: string, needed: string): PixelVlaError {
  return pixelVlaError("PVLA_PICTURE", { doing: "Reading a picture's pixels", found, needed });
}

/** Encoded features of another model, or damaged ones. */
export function foreignFeatures(model: string, found: string): PixelVlaError {
  return pixelVlaError("PVLA_FEATURES", {
    doing: `Prompting ${model}`,
    found,
    fix: "Encode the picture again with the model that is to be prompted",
  });
}

/** A model folder of a family that is not written as ONNX. */
export function noExport(folder: string, family: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_MODEL_EXPORT",
    {
      doing: `Exporting ${folder}`,
      found: `a model of type "${family}"`,
      needed: `one of "sam", "sam2", "sam2_video", "grounding-dino"`,
      fix: "Give the folder of a SAM, SAM 2 or Grounding DINO model",
    },
    { folder, family },
  );
}
