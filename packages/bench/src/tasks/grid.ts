import { badOption } from "../errors.ts";
import type { EmbodimentName } from "../scene/scene-spec.ts";
import type { EpisodeKey } from "./episode-spec.ts";
import type { TaskName } from "./task.ts";
import { suits, variantNamed } from "./variants.ts";

/** Embodiments x tasks x variants x seeds. */
export interface Grid {
  readonly embodiments: readonly EmbodimentName[];
  readonly tasks: readonly TaskName[];
  readonly variants: readonly string[];
  readonly nEpisodes: number;
  readonly firstSeed: number;
}

/**
 * The episodes of a grid; combinations of task and variant that make no sense are left out. Seeds are the same in every cell,
 * so that arms, variants and policies are paired.
 *
 * @throws PVLA_BENCH_OPTION when nothing is left
 */
export function plannedGrid({ embodiments, tasks, variants, nEpisodes, firstSeed }: Grid): EpisodeKey[] {
  const cells = embodiments.flatMap((embodiment) =>
    tasks.flatMap((task) =>
      variants
        .filter((name) => {
          const variant = variantNamed(name);
          return variant === undefined || suits(variant, task);
        })
        .map((variant) => ({ embodiment, task, variant })),
    ),
  );
  if (cells.length === 0)
    throw badOption("variants", `${variants.join(", ")} with tasks ${tasks.join(", ")}`, "a variant that suits a task");
  return cells.flatMap((cell) => Array.from({ length: nEpisodes }, (_, i) => ({ ...cell, seed: firstSeed + i })));
}
