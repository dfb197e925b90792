import { formatRoute } from "../route/route.ts";

/** Episodes or statistics of a dataset, as links. */
export function ViewTabs({ datasetId, view }: { datasetId: string; view: "dataset" | "statistics" }) {
  return (
    <nav className="tabs" aria-label="Views of the dataset">
      <a href={formatRoute({ view: "dataset", datasetId })} aria-current={view === "dataset" ? "page" : undefined}>
        Episodes
      </a>
      <a
        href={formatRoute({ view: "statistics", datasetId })}
        aria-current={view === "statistics" ? "page" : undefined}
      >
        Statistics
      </a>
    </nav>
  );
}
