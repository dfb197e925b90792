import { Button, Progress } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { DatasetStatistics, DimensionStatistics, Outlier, StatisticsEvent } from "../../host/types.ts";
import { Bars } from "../../charts/bars.tsx";
import { downloadText } from "../../charts/export.ts";
import { Facts } from "../../feedback/facts.tsx";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import { useSubscription } from "../../host/use-subscription.ts";
import { formatRoute } from "../../route/route.ts";
import { learnName } from "../../shell/crumbs.ts";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { formatCount, formatDuration, formatFixed, formatValue } from "../../text/format.ts";
import { axisOf } from "../../theme/colors.ts";
import { DatasetInspector } from "../dataset-inspector.tsx";
import { DatasetList } from "../dataset-list.tsx";
import { datasetDetail } from "../queries.ts";
import { ViewTabs } from "../view-tabs.tsx";
import "./statistics.css";

type Progressing = Extract<StatisticsEvent, { kind: "progress" }>;

function DimensionTable({
  title,
  unit,
  dimensions,
}: {
  title: string;
  unit: string;
  dimensions: readonly DimensionStatistics[];
}) {
  return (
    <section className="stat-block stat-wide">
      <h2>
        {title} <span className="secondary small">{unit}</span>
      </h2>
      <div className="stat-scroll" tabIndex={0} role="group" aria-label={title}>
        <table className="table number">
          <thead>
            <tr>
              <th scope="col">Dimension</th>
              {["min", "q01", "mean", "q99", "max", "std"].map((name) => (
                <th scope="col" className="right" key={name}>
                  {name}
                </th>
              ))}
              <th scope="col" className="stat-histogram">
                Distribution, dashed q01 and q99
              </th>
            </tr>
          </thead>
          <tbody>
            {dimensions.map(({ name, min, q01, mean, q99, max, std, histogram }, index) => (
              <tr key={`${name}/${index}`}>
                <th scope="row" data-axis={axisOf(name)}>
                  {name}
                </th>
                {[min, q01, mean, q99, max, std].map((value, column) => (
                  <td className="right" key={column}>
                    {formatValue(value)}
                  </td>
                ))}
                <td>
                  <Bars
                    histogram={histogram}
                    label={`Distribution of ${name}`}
                    heightPx={28}
                    marks={[
                      { value: q01, label: "q01" },
                      { value: q99, label: "q99" },
                    ]}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Outliers({ outliers, datasetId }: { outliers: readonly Outlier[]; datasetId: string }) {
  return (
    <section className="stat-block">
      <h2>Worth a look</h2>
      {outliers.length === 0 && <p className="secondary">No episode is unusually still, jerky, short or long.</p>}
      <div className="stat-scroll stat-tall" tabIndex={0} role="group" aria-label="Outliers">
        <table className="table number">
          <tbody>
            {outliers.map(({ episodeIndex, kind, reason, task }) => (
              <tr key={`${kind}/${episodeIndex}`}>
                <td>
                  <a href={formatRoute({ view: "episode", datasetId, episodeIndex })}>Episode {episodeIndex}</a>
                </td>
                <td>{kind}</td>
                <td title={task}>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Report({ statistics, datasetId }: { statistics: DatasetStatistics; datasetId: string }) {
  const { lengthQuantiles: q, tasks, nTasks, nEpisodesRead, nEpisodes, nFramesRead } = statistics;
  const most = Math.max(1, ...tasks.map(({ n }) => n));
  return (
    <div className="stat-page" data-testid="statistics" tabIndex={0} role="group" aria-label="Statistics">
      <p className="secondary small number">
        {formatCount(nFramesRead)} frames of {formatCount(nEpisodesRead)} episodes
        {nEpisodesRead < nEpisodes && `, evenly spread over ${formatCount(nEpisodes)}`}
      </p>
      <section className="stat-block">
        <h2>Length in frames</h2>
        <Bars
          histogram={statistics.lengths}
          label="Episodes by length"
          heightPx={88}
          marks={[{ value: q.median, label: "median" }]}
        />
        <Facts
          facts={[
            ["Shortest", formatCount(q.min)],
            ["Quartiles", `${formatValue(q.q25)}, ${formatValue(q.median)}, ${formatValue(q.q75)}`],
            ["Longest", formatCount(q.max)],
          ]}
        />
      </section>
      <section className="stat-block">
        <h2>
          Tasks <span className="secondary small number">{formatCount(nTasks)}</span>
        </h2>
        <ul className="stat-tasks stat-tall" tabIndex={0}>
          {tasks.map(({ value, n }) => (
            <li key={value}>
              <a
                href={formatRoute({ view: "dataset", datasetId, params: { tasks: value } })}
                className="truncate"
                title={value}
              >
                {value || "(no instruction)"}
              </a>
              <span className="stat-share" style={{ width: `${(n / most) * 100}%` }} />
              <span className="number secondary small">{formatCount(n)}</span>
            </li>
          ))}
        </ul>
      </section>
      <Outliers outliers={statistics.outliers} datasetId={datasetId} />
      <DimensionTable
        title="Actions"
        unit="standardised: metres, radians, gripper 1 = open"
        dimensions={statistics.actions}
      />
      <DimensionTable title="State" unit="as recorded" dimensions={statistics.states} />
    </div>
  );
}

/** The statistics table as CSV text. */
function statisticsCsv({ actions, states }: DatasetStatistics): string {
  const line = (kind: string) => (d: DimensionStatistics) =>
    [kind, d.name, d.min, d.q01, d.mean, d.q99, d.max, d.std].join(",");
  return [
    "kind,dimension,min,q01,mean,q99,max,std",
    ...actions.map(line("action")),
    ...states.map(line("state")),
    "",
  ].join("\r\n");
}

/** Lengths, tasks, ranges and outliers of a dataset, computed by the host while this page shows how far it is. */
export function StatisticsRoom({ datasetId }: { datasetId: string }) {
  const { data: dataset, error } = useQuery(datasetDetail(datasetId));
  const [progress, setProgress] = useState<Progressing>();
  const [statistics, setStatistics] = useState<{ datasetId: string; value: DatasetStatistics }>();
  useEffect(() => dataset && learnName(datasetId, dataset.name), [dataset, datasetId]);
  const problem = useSubscription<StatisticsEvent>(
    `${datasetId}/${dataset?.revision ?? ""}`,
    (listeners) => host.datasets.statistics.subscribe({ datasetId }, listeners),
    (event) => (event.kind === "progress" ? setProgress(event) : setStatistics({ datasetId, value: event.statistics })),
  );
  const result = statistics?.datasetId === datasetId ? statistics.value : undefined;
  return (
    <RoomLayout
      id="datasets"
      listLabel="Datasets"
      list={<DatasetList current={datasetId} />}
      inspector={dataset && <DatasetInspector dataset={dataset} lead={undefined} selected={[]} nSelected={0} />}
      main={
        <>
          <div className="toolbar">
            <ViewTabs datasetId={datasetId} view="statistics" />
            <div className="toolbar-space" />
            {result && (
              <Button
                leftSection={<IconDownload size={14} />}
                onClick={() => downloadText(statisticsCsv(result), `${dataset?.name ?? datasetId}-statistics.csv`)}
              >
                CSV
              </Button>
            )}
          </div>
          {error && <ProblemPanel problem={{ code: "PVLA_STUDIO", message: error.message }} />}
          {problem && <ProblemPanel problem={problem} />}
          {!result && !problem && (
            <div className="stat-progress" role="status">
              <Progress
                value={progress ? (progress.done / Math.max(1, progress.total)) * 100 : 0}
                size="sm"
                aria-label="Reading episodes"
              />
              <p className="secondary small number">
                {progress
                  ? `Reading actions: ${formatCount(progress.done)} of ${formatCount(progress.total)} episodes, ${formatFixed(progress.ratePerS, 1)} per second, ${formatDuration(progress.etaS)} left`
                  : "Reading actions…"}
              </p>
            </div>
          )}
          {result && <Report statistics={result} datasetId={datasetId} />}
        </>
      }
    />
  );
}
