import { Button } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { EmptyState } from "../feedback/empty-state.tsx";
import type { Route } from "../route/route.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { formatRoute } from "../route/route.ts";
import { formatCount } from "../text/format.ts";
import { DatasetList } from "./dataset-list.tsx";
import { FolderTree } from "./folder-tree.tsx";
import { GridRoom } from "./grid/grid-room.tsx";
import { datasetList } from "./queries.ts";

const EpisodeRoom = lazy(() =>
  import("./player/episode-room.tsx").then(({ EpisodeRoom: component }) => ({ default: component })),
);
const StatisticsRoom = lazy(() =>
  import("./statistics/statistics-room.tsx").then(({ StatisticsRoom: component }) => ({ default: component })),
);

function Welcome() {
  const [isOpening, setIsOpening] = useState(false);
  if (isOpening)
    return (
      <div className="welcome-tree">
        <h2 className="panel-title">Folders of the workspace</h2>
        <FolderTree onOpened={() => setIsOpening(false)} />
      </div>
    );
  return (
    <EmptyState
      icon={<IconPhoto size={36} stroke={1.3} />}
      title="Datasets"
      command="pixelvla studio --web --dataset PATH"
      action={
        <Button variant="filled" onClick={() => setIsOpening(true)}>
          Open a folder
        </Button>
      }
    >
      Browse, play and check robot episodes: RLDS, LeRobot and LIBERO folders, as they are on disk.
    </EmptyState>
  );
}

function DatasetTable() {
  const { data = [] } = useQuery(datasetList());
  if (data.length === 0) return <Welcome />;
  return (
    <div className="dataset-table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Dataset</th>
            <th scope="col">Form</th>
            <th scope="col" className="right">
              Episodes
            </th>
            <th scope="col" className="right">
              Frames
            </th>
            <th scope="col">Folder</th>
          </tr>
        </thead>
        <tbody className="number">
          {data.map(({ datasetId, name, format, nEpisodes, nFrames, path, problem }) => (
            <tr key={datasetId}>
              <td>
                <a href={formatRoute({ view: "dataset", datasetId })}>{name}</a>
              </td>
              <td>{problem ? <span className="fail">cannot be read: {problem.message}</span> : (format ?? "")}</td>
              <td className="right">{nEpisodes === undefined ? "" : formatCount(nEpisodes)}</td>
              <td className="right">{nFrames === undefined ? "" : formatCount(nFrames)}</td>
              <td className="mono secondary">{path}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Room "Datasets": which of its views the address means. */
export function DatasetsRoom({ route }: { route: Route }) {
  if (route.view === "dataset") return <GridRoom datasetId={route.datasetId} params={route.params} />;
  if (route.view === "statistics")
    return (
      <Suspense>
        <StatisticsRoom datasetId={route.datasetId} />
      </Suspense>
    );
  if (route.view === "episode")
    return (
      <Suspense>
        <EpisodeRoom datasetId={route.datasetId} episodeIndex={route.episodeIndex} params={route.params} />
      </Suspense>
    );
  return (
    <RoomLayout id="datasets" listLabel="Datasets" list={<DatasetList current={undefined} />} main={<DatasetTable />} />
  );
}
