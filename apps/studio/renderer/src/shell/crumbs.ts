import { createStore, useStore } from "../store/store.ts";
import { useRoute } from "../route/navigate.ts";
import { formatRoute, type Route } from "../route/route.ts";

/** One step of the way shown in the bar; the last has no address. */
export interface Crumb {
  readonly label: string;
  readonly href?: string;
}

/** Names of datasets and runs by id, filled in as they are learned, so that the bar says names rather than ids. */
export const knownNames = createStore<Readonly<Record<string, string>>>({});

/** Remembers the name of a dataset or run. */
export function learnName(id: string, name: string): void {
  if (knownNames.get()[id] !== name) knownNames.set({ ...knownNames.get(), [id]: name });
}

/** The way to a view, room first. */
export function crumbsOf(route: Route, names: Readonly<Record<string, string>>): Crumb[] {
  const datasets: Crumb = { label: "Datasets", href: "#/datasets" };
  const runs: Crumb = { label: "Runs", href: "#/runs" };
  switch (route.view) {
    case "datasets":
      return [{ label: "Datasets" }];
    case "dataset":
      return [datasets, { label: names[route.datasetId] ?? route.datasetId }];
    case "statistics":
    case "episode": {
      const { datasetId } = route;
      const dataset = { label: names[datasetId] ?? datasetId, href: formatRoute({ view: "dataset", datasetId }) };
      return [datasets, dataset, { label: route.view === "episode" ? `Episode ${route.episodeIndex}` : "Statistics" }];
    }
    case "annotate":
      return [{ label: "Annotate" }];
    case "review":
    case "annotation-job":
    case "reviewers": {
      const { storeId, view } = route;
      const store = { label: names[storeId] ?? storeId, href: formatRoute({ view: "review", storeId }) };
      const annotate: Crumb = { label: "Annotate", href: "#/annotate" };
      if (view === "review") return [annotate, { label: store.label }];
      return [annotate, store, { label: view === "reviewers" ? "Reviewers" : "Job" }];
    }
    case "compose":
      return [{ label: "Compose" }];
    case "runs":
      return [{ label: "Runs" }];
    case "run":
      return [runs, { label: names[route.runId] ?? route.runId }];
    case "ablation": {
      const { runId } = route;
      return [runs, { label: names[runId] ?? runId, href: formatRoute({ view: "run", runId }) }, { label: "Ablation" }];
    }
    case "compare":
      return [runs, { label: `Compare ${route.runIds.length} runs` }];
    case "playground":
      return [{ label: "Playground" }];
    case "served":
      return [{ label: "Playground", href: "#/playground" }, { label: "Running server" }];
    case "bench":
      return [{ label: "Bench" }];
    case "evaluation":
      return [{ label: "Bench", href: "#/bench" }, { label: names[route.runId] ?? route.runId }];
    case "unknown":
      return [{ label: route.path }];
  }
}

/** The way to the current view. */
export function useCrumbs(): Crumb[] {
  return crumbsOf(useRoute(), useStore(knownNames));
}
