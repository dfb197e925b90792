import { IconMask } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import type { StoreItem } from "../host/types.ts";
import type { Route } from "../route/route.ts";
import { learnName } from "../shell/crumbs.ts";
import { JobPage } from "./job/job-page.tsx";
import { ReviewersPage } from "./people/reviewers-page.tsx";
import { storeList } from "./queries.ts";
import { reviewerName } from "./review/decisions.ts";
import { ReviewRoom } from "./review/review-room.tsx";
import { StoresPage } from "./stores-page.tsx";
import "../datasets/datasets.css";
import "../runs/runs.css";
import "./review.css";
import "./annotate.css";

/** Room "Annotate": which of its views the address means. */
export function AnnotateRoom({ route }: { route: Route }) {
  const { data: stores, error, refetch } = useQuery(storeList());
  useEffect(() => {
    for (const { storeId, name } of stores ?? []) learnName(storeId, name);
  }, [stores]);
  useEffect(() => {
    if (reviewerName.get() !== "") return;
    host.annotate.reviewer.query().then(
      ({ author }) => reviewerName.set(author),
      () => undefined, // the name can be typed
    );
  }, []);
  if (error) return <ProblemPanel problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!("storeId" in route)) return <StoresPage params={route.params} />;
  const store = stores?.find(({ storeId }) => storeId === route.storeId);
  if (stores === undefined) return <main className="subject" />;
  // A job that was queued a moment ago has no annotations yet, but can be watched.
  if (store === undefined && route.view === "annotation-job")
    return <JobPage key={route.storeId} store={queued(route.storeId)} />;
  if (store === undefined)
    return (
      <main className="subject">
        <EmptyState
          icon={<IconMask size={36} stroke={1.3} />}
          title="No such annotations"
          action={<a href="#/annotate">All annotations</a>}
        >
          The workspace holds no annotations of that address.
        </EmptyState>
      </main>
    );
  if (store.problem) return <ProblemPanel problem={store.problem} />;
  if (route.view === "annotation-job") return <JobPage key={route.storeId} store={store} />;
  if (route.view === "reviewers") return <ReviewersPage key={store.storeId} store={store} />;
  return <ReviewRoom key={store.storeId} store={store} params={route.params} />;
}

const queued = (storeId: string): StoreItem => ({
  storeId,
  name: storeId,
  kind: "job",
  datasetId: "",
  datasetName: "",
});
