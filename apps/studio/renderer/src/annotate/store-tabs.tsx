import type { StoreItem } from "../host/types.ts";
import { formatRoute } from "../route/route.ts";

/** The views of one store of annotations. */
export function StoreTabs({
  store,
  current,
}: {
  store: StoreItem;
  current: "review" | "annotation-job" | "reviewers";
}) {
  const { storeId } = store;
  const views = [
    { view: "review" as const, label: "Review" },
    ...(store.kind === "job" ? [{ view: "annotation-job" as const, label: "Job" }] : []),
    { view: "reviewers" as const, label: "Reviewers and gold" },
  ];
  return (
    <div className="toolbar store-tabs">
      <nav className="tabs" aria-label="Views of these annotations">
        {views.map(({ view, label }) => (
          <a key={view} href={formatRoute({ view, storeId })} aria-current={view === current ? "page" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <span className="secondary small truncate">
        {store.name}
        {store.datasetName !== store.name && ` on ${store.datasetName}`}
      </span>
    </div>
  );
}
