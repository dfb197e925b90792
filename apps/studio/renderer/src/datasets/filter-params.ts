import { annotationStateNames, type EpisodeFilter, type EpisodeQuery, type AnnotationState } from "./filter-types.ts";

/** Filter and order of the episode grid as they stand in the address, so that a filtered view can be linked. */
export interface GridView {
  readonly filter: EpisodeFilter;
  readonly sort: EpisodeQuery["sort"];
}

const sortKeys = ["episodeIndex", "nFrames", "task", "split", "annotation"] as const;

const list = (text: string | undefined) => (text === undefined || text === "" ? [] : text.split("\n"));
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Reads filter and order from the address; what is not understood is left out. */
export function gridViewOf(params: Readonly<Record<string, string>>): GridView {
  const [by, direction] = (params["sort"] ?? "").split(":");
  const minFrames = count(params["min"]);
  const maxFrames = count(params["max"]);
  return {
    filter: {
      search: (params["q"] ?? "").slice(0, 200),
      tasks: list(params["tasks"]),
      splits: list(params["splits"]),
      annotation: list(params["annotation"]).filter((state): state is AnnotationState =>
        (annotationStateNames as readonly string[]).includes(state),
      ),
      ...(minFrames === undefined ? {} : { minFrames }),
      ...(maxFrames === undefined ? {} : { maxFrames }),
    },
    sort: {
      by: sortKeys.find((key) => key === by) ?? "episodeIndex",
      direction: direction === "descending" ? "descending" : "ascending",
    },
  };
}

/** The address params that say this filter and order; defaults are left out. */
export function paramsOfFilter({ filter, sort }: GridView): Record<string, string | undefined> {
  const isDefault = sort.by === "episodeIndex" && sort.direction === "ascending";
  return {
    q: filter.search,
    tasks: filter.tasks.join("\n"),
    splits: filter.splits.join("\n"),
    annotation: filter.annotation.join("\n"),
    min: filter.minFrames?.toString(),
    max: filter.maxFrames?.toString(),
    sort: isDefault ? undefined : `${sort.by}:${sort.direction}`,
  };
}

/** Whether the filter keeps everything. */
export function isUnfiltered({ search, tasks, splits, annotation, minFrames, maxFrames }: EpisodeFilter): boolean {
  return (
    search === "" &&
    tasks.length + splits.length + annotation.length === 0 &&
    minFrames === undefined &&
    maxFrames === undefined
  );
}
