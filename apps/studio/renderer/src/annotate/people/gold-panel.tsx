import { Button, Select, TextInput } from "@mantine/core";
import { IconRulerMeasure } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Facts } from "../../feedback/facts.tsx";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import type { GoldEvent, GoldReport, Problem, StoreItem } from "../../host/types.ts";
import { formatRoute } from "../../route/route.ts";
import { formatCount, formatFixed, formatPercent } from "../../text/format.ts";
import { storeList } from "../queries.ts";
import { DecisionBadge } from "../review/decision-badge.tsx";
import type { ReviewDecision } from "../../host/types.ts";

const formats = [
  { value: "store", label: "annotations of the workspace" },
  { value: "coco", label: "COCO file" },
  { value: "cvat", label: "CVAT file" },
  { value: "label-studio", label: "Label Studio file" },
  { value: "masks", label: "folder of PNG masks" },
] as const;
type Format = (typeof formats)[number]["value"];

/** Measures these annotations against a trusted set: other annotations of the same dataset, or a file of another tool. */
export function GoldPanel({ store }: { store: StoreItem }) {
  const { data: stores = [] } = useQuery(storeList());
  const others = stores.filter(
    (one) => one.storeId !== store.storeId && one.datasetId === store.datasetId && one.problem === undefined,
  );
  const [format, setFormat] = useState<Format>("store");
  const [goldId, setGoldId] = useState<string>();
  const [path, setPath] = useState("");
  const [progress, setProgress] = useState<{ nDone: number; nAll: number }>();
  const [report, setReport] = useState<GoldReport>();
  const [problem, setProblem] = useState<Problem>();
  const running = useRef<{ unsubscribe(): void }>(undefined);
  useEffect(() => () => running.current?.unsubscribe(), []);
  const chosen = goldId ?? others[0]?.storeId;
  const gold =
    format === "store"
      ? chosen === undefined
        ? undefined
        : { kind: "store" as const, storeId: chosen }
      : path === ""
        ? undefined
        : { kind: "file" as const, format, path };

  function measure() {
    if (gold === undefined) return;
    running.current?.unsubscribe();
    setReport(undefined);
    setProblem(undefined);
    setProgress({ nDone: 0, nAll: 0 });
    running.current = host.annotate.score.subscribe(
      { storeId: store.storeId, gold },
      {
        onData: (event: GoldEvent) => {
          if (event.kind === "progress") setProgress(event);
          else {
            setReport(event.report);
            setProgress(undefined);
          }
        },
        onError: (error) => {
          setProblem(problemOf(error));
          setProgress(undefined);
        },
      },
    );
  }

  return (
    <section>
      <h2 className="panel-title">Against a gold set</h2>
      <div className="gold-form">
        <Select
          aria-label="What the gold set is"
          w={270}
          data={[...formats]}
          value={format}
          onChange={(next) => next !== null && setFormat(next)}
        />
        {format === "store" ? (
          <Select
            aria-label="Gold annotations"
            w={260}
            placeholder="no other annotations of this dataset"
            data={others.map((one) => ({
              value: one.storeId,
              label: one.kind === "dataset" ? `${one.name} (its own)` : one.name,
            }))}
            value={chosen ?? null}
            onChange={(next) => setGoldId(next ?? undefined)}
          />
        ) : (
          <TextInput
            aria-label="Path in the workspace"
            w={260}
            placeholder="gold/annotations.json"
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
        )}
        <Button
          leftSection={<IconRulerMeasure size={14} />}
          disabled={gold === undefined}
          loading={progress !== undefined}
          onClick={measure}
        >
          Measure
        </Button>
        {progress !== undefined && (
          <span className="secondary number small">
            {formatCount(progress.nDone)} of {formatCount(progress.nAll)} episodes
          </span>
        )}
      </div>
      {problem && <ProblemPanel compact problem={problem} />}
      {report && <Report report={report} storeId={store.storeId} />}
    </section>
  );
}

function Report({ report, storeId }: { report: GoldReport; storeId: string }) {
  const most = Math.max(1, ...report.histogram);
  return (
    <div className="gold" data-testid="gold">
      <div>
        <Facts
          facts={[
            ["Frames", `${formatCount(report.nFrames)} of ${formatCount(report.nEpisodes)} episodes`],
            ["Mean IoU", formatFixed(report.meanIou, 3)],
            ["Median IoU", formatFixed(report.medianIou, 3)],
            ["IoU of at least 0.5", formatPercent(report.share50)],
            ["IoU of at least 0.75", formatPercent(report.share75)],
            ["Masks where gold has one", report.precision === undefined ? "–" : formatPercent(report.precision)],
            ["Gold's masks that are found", report.recall === undefined ? "–" : formatPercent(report.recall)],
            [
              "Doubt tells bad episodes (AUROC)",
              report.doubtAuroc === undefined ? "all good or all bad" : formatFixed(report.doubtAuroc, 2),
            ],
          ]}
        />
        <div className="gold-bars" role="img" aria-label={`Frames by IoU: ${report.histogram.join(", ")}`}>
          {report.histogram.map((n, i) => (
            <span key={i} title={`IoU ${i / 10} to ${(i + 1) / 10}: ${n} frames`}>
              <span style={{ height: `${(100 * n) / most}%` }} />
            </span>
          ))}
        </div>
        <p className="secondary small gold-axis">
          <span>IoU 0</span>
          <span>1</span>
        </p>
      </div>
      <div className="gold-episodes table-scroll" tabIndex={0} role="group" aria-label="Episodes, the worst first">
        <table className="table number">
          <thead>
            <tr>
              <th scope="col">Episode</th>
              <th scope="col" className="right">
                Mean IoU
              </th>
              <th scope="col" className="right">
                Frames
              </th>
              <th scope="col" className="right">
                Doubt
              </th>
              <th scope="col">Decision</th>
            </tr>
          </thead>
          <tbody>
            {report.episodes.map(({ episodeIndex, meanIou, nFrames, doubt, decision }) => (
              <tr key={episodeIndex}>
                <td>
                  <a href={formatRoute({ view: "review", storeId, params: { ep: `${episodeIndex}` } })}>
                    {episodeIndex}
                  </a>
                </td>
                <td className="right">{formatFixed(meanIou, 3)}</td>
                <td className="right">{formatCount(nFrames)}</td>
                <td className="right">{formatFixed(doubt, 2)}</td>
                <td>
                  <DecisionBadge decision={decision as ReviewDecision} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
