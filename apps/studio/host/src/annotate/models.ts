import { parseAnnotationRecipe, type AnnotationJobConfig, type AnnotationRecipe } from "@pixelvla/annotator";
import type { ModelChoice } from "@pixelvla/studio-contract";
import type { Models } from "./segment-messages.ts";

/** The embedded models: nothing to download, about a megabyte, the same as in `recipes/annotate-embedded.yaml`. */
const EMBEDDED: AnnotationRecipe = parseAnnotationRecipe({
  name: "studio-embedded",
  roles: {
    gripperDetector: null,
    targetReasoner: { name: "grammar" },
    objectDetector: { name: "colour-shape" },
    segmenter: { name: "grabcut" },
    tracker: { name: "colour-tracker" },
  },
  region: { mode: "full" },
  detection: { threshold: 0.2 },
});

/** Which models to open for a fix: of the job's recipe only those that see pictures, or the embedded ones where there is no job. */
export function modelsFor(choice: ModelChoice, config: AnnotationJobConfig | undefined): Models {
  if (choice === "embedded" || config === undefined) return { recipe: EMBEDDED, modelsDir: undefined };
  const { recipe, modelsDir } = config;
  const roles = { ...recipe.roles, gripperDetector: null, targetReasoner: EMBEDDED.roles.targetReasoner };
  return {
    recipe: { ...recipe, roles, region: { ...recipe.region, mode: "full" } },
    modelsDir: modelsDir ?? undefined,
  };
}
