import { Button } from "@mantine/core";
import { IconMask, IconPlus } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useCommands, type Command } from "../commands/registry.ts";
import { EmptyState } from "../feedback/empty-state.tsx";
import type { StoreItem } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { StateBadge } from "../runs/state-badge.tsx";
import { RoomLayout } from "../shell/room-layout.tsx";
import { formatCount } from "../text/format.ts";
import { AnnotateLaunch } from "./job/annotate-launch.tsx";
import { storeCounts, storeList } from "./queries.ts";
import { ReviewProgress } from "./review/review-inspector.tsx";

const startJob = () => setParams({ launch: "new" });
const newJobCommand: readonly Command[] = [
  { id: "annotate.new", title: "Annotate a dataset", group: "Annotate", keys: ["n"], run: startJob },
];

/** All annotations of the workspace, those of jobs and those of datasets, and how far their review is. */
export function StoresPage({ params }: { params: Readonly<Record<string, string>> }) {
  useCommands(newJobCommand);
  const { data: stores } = useQuery(storeList());
  const usable = (stores ?? []).filter(({ problem }) => problem === undefined);
  const counts = useQueries({ queries: usable.map(({ storeId }) => storeCounts(storeId)) });
  const countsOf = ({ storeId }: StoreItem) => counts[usable.findIndex((one) => one.storeId === storeId)]?.data;
  return (
    <RoomLayout
      id="annotate"
      main={
        <>
          <div className="toolbar">
            <span className="number small secondary" role="status">
              {stores === undefined ? "…" : `${formatCount(stores.length)} sets of annotations`}
            </span>
            <div className="toolbar-space" />
            <Button leftSection={<IconPlus size={14} />} onClick={startJob}>
              Annotate a dataset
            </Button>
          </div>
          {stores?.length === 0 ? (
            <EmptyState
              icon={<IconMask size={36} stroke={1.3} />}
              title="Annotate"
              command="pixelvla annotate DATASET --recipe recipes/annotate-embedded.yaml --out runs/NAME"
              action={
                <Button variant="filled" onClick={startJob}>
                  Annotate a dataset
                </Button>
              }
            >
              Find the target object in every frame of a dataset, then keep, fix or reject what was found.
            </EmptyState>
          ) : (
            <div className="table-scroll" tabIndex={0} role="group" aria-label="Annotations">
              <table className="table" data-testid="stores">
                <thead>
                  <tr>
                    <th scope="col">Annotations</th>
                    <th scope="col">State</th>
                    <th scope="col">Dataset</th>
                    <th scope="col">Recipe</th>
                    <th scope="col" className="right">
                      Episodes
                    </th>
                    <th scope="col">Reviewed</th>
                  </tr>
                </thead>
                <tbody>
                  {stores?.map((store) => {
                    const known = countsOf(store);
                    return (
                      <tr key={store.storeId}>
                        <td>
                          <a href={formatRoute({ view: "review", storeId: store.storeId })}>{store.name}</a>
                          {store.problem && <span className="fail"> {store.problem.message}</span>}
                        </td>
                        <td>{store.state === undefined ? "of the dataset" : <StateBadge state={store.state} />}</td>
                        <td>{store.datasetName}</td>
                        <td className="secondary">{store.recipe ?? ""}</td>
                        <td className="right number">{known === undefined ? "" : formatCount(known.nEpisodes)}</td>
                        <td>{known !== undefined && <ReviewProgress counts={known} />}</td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          )}
        </>
      }
      inspectorLabel="New annotation job"
      {...(params["launch"] === undefined ? {} : { inspector: <AnnotateLaunch /> })}
    />
  );
}
