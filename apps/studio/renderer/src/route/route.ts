/**
 * Addresses of views. They live behind `#`, so that the host serves one page and a token or proxy path never gets in the way.
 * `params` hold what a view remembers in its address: filters, frame, axis.
 */
export type Route = { readonly params: Readonly<Record<string, string>> } & (
  | { readonly view: "served" }
  | { readonly view: "datasets" }
  | { readonly view: "dataset"; readonly datasetId: string }
  | { readonly view: "statistics"; readonly datasetId: string }
  | { readonly view: "episode"; readonly datasetId: string; readonly episodeIndex: number }
  | { readonly view: "annotate" }
  | { readonly view: "review"; readonly storeId: string }
  | { readonly view: "annotation-job"; readonly storeId: string }
  | { readonly view: "reviewers"; readonly storeId: string }
  | { readonly view: "compose" }
  | { readonly view: "runs" }
  | { readonly view: "run"; readonly runId: string }
  | { readonly view: "ablation"; readonly runId: string }
  | { readonly view: "compare"; readonly runIds: readonly string[] }
  | { readonly view: "playground" }
  | { readonly view: "bench" }
  | { readonly view: "evaluation"; readonly runId: string }
  | { readonly view: "unknown"; readonly path: string }
);

export type RoomName = "datasets" | "annotate" | "compose" | "runs" | "playground" | "bench";

/** Room that a route belongs to. */
export function roomOf(route: Route): RoomName | undefined {
  switch (route.view) {
    case "datasets":
    case "dataset":
    case "statistics":
    case "episode":
      return "datasets";
    case "annotate":
    case "review":
    case "annotation-job":
    case "reviewers":
      return "annotate";
    case "compose":
      return "compose";
    case "runs":
    case "run":
    case "ablation":
    case "compare":
      return "runs";
    case "playground":
    case "served":
      return "playground";
    case "bench":
    case "evaluation":
      return "bench";
    case "unknown":
      return undefined;
  }
}

function viewOf(
  parts: readonly string[],
): Route extends infer R ? (R extends Route ? Omit<R, "params"> : never) : never {
  const [room, id, view, detail] = parts;
  if (room === undefined) return { view: "datasets" };
  if (room === "datasets") {
    if (id === undefined) return { view: "datasets" };
    if (view === undefined) return { view: "dataset", datasetId: id };
    if (view === "statistics" && detail === undefined) return { view: "statistics", datasetId: id };
    if (view === "episodes" && detail !== undefined && /^\d{1,15}$/.test(detail))
      return { view: "episode", datasetId: id, episodeIndex: Number(detail) };
  }
  if (room === "annotate") {
    if (id === undefined) return { view: "annotate" };
    if (view === undefined) return { view: "review", storeId: id };
    if (view === "job" && detail === undefined) return { view: "annotation-job", storeId: id };
    if (view === "reviewers" && detail === undefined) return { view: "reviewers", storeId: id };
  }
  if (room === "compose" && id === undefined) return { view: "compose" };
  if (room === "runs") {
    if (id === undefined) return { view: "runs" };
    if (id === "compare" && view !== undefined) return { view: "compare", runIds: view.split(",").filter(Boolean) };
    if (view === undefined) return { view: "run", runId: id };
    if (view === "ablation" && detail === undefined) return { view: "ablation", runId: id };
  }
  if (room === "playground" && id === undefined) return { view: "playground" };
  if (room === "playground" && id === "server" && view === undefined) return { view: "served" };
  if (room === "bench" && view === undefined)
    return id === undefined ? { view: "bench" } : { view: "evaluation", runId: id };
  return { view: "unknown", path: parts.join("/") };
}

/** Reads the part of an address from `#` on. Anything unreadable is the `unknown` view, never an exception. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const params = Object.fromEntries(new URLSearchParams(query));
  try {
    return { ...viewOf(path.split("/").filter(Boolean).map(decodeURIComponent)), params };
  } catch {
    return { view: "unknown", path, params };
  }
}

function pathOf(route: RouteInput): string {
  const part = encodeURIComponent;
  switch (route.view) {
    case "datasets":
      return "datasets";
    case "dataset":
      return `datasets/${part(route.datasetId)}`;
    case "statistics":
      return `datasets/${part(route.datasetId)}/statistics`;
    case "episode":
      return `datasets/${part(route.datasetId)}/episodes/${route.episodeIndex}`;
    case "annotate":
      return "annotate";
    case "review":
      return `annotate/${part(route.storeId)}`;
    case "annotation-job":
      return `annotate/${part(route.storeId)}/job`;
    case "reviewers":
      return `annotate/${part(route.storeId)}/reviewers`;
    case "compose":
      return "compose";
    case "runs":
      return "runs";
    case "run":
      return `runs/${part(route.runId)}`;
    case "ablation":
      return `runs/${part(route.runId)}/ablation`;
    case "compare":
      return `runs/compare/${part(route.runIds.join(","))}`;
    case "playground":
      return "playground";
    case "served":
      return "playground/server";
    case "bench":
      return "bench";
    case "evaluation":
      return `bench/${part(route.runId)}`;
    case "unknown":
      return route.path;
  }
}

type WithOptionalParams<R> = R extends Route
  ? Omit<R, "params"> & { readonly params?: Readonly<Record<string, string>> }
  : never;
/** A route whose params may be left out. */
export type RouteInput = WithOptionalParams<Route>;

/** The address of a route, from `#` on; empty params are left out. */
export function formatRoute(route: RouteInput): string {
  const query = new URLSearchParams(Object.entries(route.params ?? {}).filter(([, value]) => value !== "")).toString();
  return `#/${pathOf(route)}${query === "" ? "" : `?${query}`}`;
}
