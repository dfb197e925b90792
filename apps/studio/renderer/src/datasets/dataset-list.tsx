import { Button } from "@mantine/core";
import { IconAlertTriangle, IconDatabase, IconFolderOpen } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { problemOf } from "../host/problem.ts";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { formatRoute } from "../route/route.ts";
import { knownNames, learnName } from "../shell/crumbs.ts";
import { useStore } from "../store/store.ts";
import { formatCount } from "../text/format.ts";
import { FolderTree } from "./folder-tree.tsx";
import { datasetList } from "./queries.ts";
import "./datasets.css";

/** Every dataset of the workspace, and the way to open another folder. */
export function DatasetList({ current }: { current: string | undefined }) {
  const { data, error, refetch } = useQuery(datasetList());
  const [isOpening, setIsOpening] = useState(false);
  const names = useStore(knownNames);
  useEffect(
    () => data?.forEach(({ datasetId, name }) => knownNames.get()[datasetId] ?? learnName(datasetId, name)),
    [data],
  );
  return (
    <section className="panel-section">
      <h2 className="panel-title">
        Datasets
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconFolderOpen size={14} />}
          onClick={() => setIsOpening(!isOpening)}
          aria-expanded={isOpening}
        >
          Open folder
        </Button>
      </h2>
      {isOpening && <FolderTree onOpened={() => setIsOpening(false)} />}
      {error && <ProblemPanel compact problem={problemOf(error)} onRetry={() => void refetch()} />}
      {!data && !error && [0, 1, 2].map((row) => <div key={row} className="skeleton dataset-skeleton" />)}
      <ul className="dataset-list">
        {data?.map(({ datasetId, name, path, nEpisodes, format, problem }) => (
          <li key={datasetId}>
            <a
              className="dataset-item"
              href={formatRoute({ view: "dataset", datasetId })}
              aria-current={datasetId === current || undefined}
              title={path}
            >
              {problem ? (
                <IconAlertTriangle size={16} className="fail" aria-label="cannot be read" />
              ) : (
                <IconDatabase size={16} stroke={1.6} aria-hidden />
              )}
              <span className="truncate">{names[datasetId] ?? name}</span>
              <span className="number secondary small">
                {nEpisodes === undefined ? (format ?? "") : formatCount(nEpisodes)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
