import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Facts } from "../feedback/facts.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { useSubscription } from "../host/use-subscription.ts";
import type { EpisodeOutcome, EvaluationReport, RolloutEvent } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { runDetail } from "../runs/queries.ts";
import { StateBadge } from "../runs/state-badge.tsx";
import { learnName } from "../shell/crumbs.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { EvaluationList } from "./evaluation-list.tsx";
import { OutcomeBadge } from "./outcome-badge.tsx";
import { OutcomeGrid } from "./outcome-grid.tsx";
import { evaluationReport } from "./queries.ts";
import { createRollout, rolloutAfter } from "./rollout.ts";
import { RolloutView } from "./rollout-view.tsx";
import { SimilarList } from "./similar-list.tsx";
import { SuccessMatrix } from "./success-matrix.tsx";

/** One evaluation: its matrix, its episodes, and the one that is open in 3D. */
export function EvaluationPage({ runId, params }: { runId: string; params: Readonly<Record<string, string>> }) {
  const run = useQuery({ ...runDetail(runId), refetchInterval: 2000 });
  const isLive = run.data !== undefined && ["queued", "running", "stopping"].includes(run.data.state);
  const report = useQuery(evaluationReport(runId, isLive));
  useEffect(() => run.data && learnName(runId, run.data.name), [run.data, runId]);
  useEffect(() => {
    if (!isLive) void report.refetch();
    // once more when it has ended
  }, [isLive]);
  const line = params["line"] === undefined ? undefined : Number(params["line"]);
  const episode = line === undefined ? undefined : report.data?.episodes[line];
  const failure = report.error ?? run.error;
  return (
    <RoomLayout
      id="evaluation"
      listLabel="Evaluations"
      list={
        <>
          <p className="panel-section">
            <a href="#/bench">New rollout or evaluation</a>
          </p>
          <EvaluationList current={runId} />
        </>
      }
      main={
        failure !== null ? (
          <ProblemPanel problem={problemOf(failure)} onRetry={() => void report.refetch()} />
        ) : episode !== undefined && line !== undefined ? (
          <Replay key={line} runId={runId} line={line} />
        ) : (
          <div className="evaluation-scroll">{report.data && <SuccessMatrix cells={report.data.cells} />}</div>
        )
      }
      timelineHeightPx={220}
      timeline={report.data && <OutcomeGrid episodes={report.data.episodes} open={line} />}
      inspectorLabel="Evaluation"
      inspector={
        <>
          {report.data && (
            <EvaluationFacts
              report={report.data}
              state={run.data?.state}
              onStop={() => void host.runs.command.mutate({ runId, command: "stop" }).then(() => run.refetch())}
            />
          )}
          {run.data?.problem && (
            <div className="panel-section">
              <ProblemPanel compact problem={run.data.problem} />
            </div>
          )}
          {episode !== undefined && line !== undefined && (
            <EpisodeFacts episode={episode} policyRunId={report.data?.policyRunId} runId={runId} line={line} />
          )}
        </>
      }
    />
  );
}

function Replay({ runId, line }: { runId: string; line: number }) {
  const [store] = useState(createRollout);
  const problem = useSubscription<RolloutEvent>(
    `${runId} ${line}`,
    (listeners) => host.bench.replay.subscribe({ runId, line }, listeners),
    (event) => store.set(rolloutAfter(store.get(), event)),
  );
  if (problem !== undefined) return <ProblemPanel problem={problem} />;
  return <RolloutView store={store} onControl={undefined} />;
}

function EvaluationFacts({
  report,
  state,
  onStop,
}: {
  report: EvaluationReport;
  state: Parameters<typeof StateBadge>[0]["state"] | undefined;
  onStop: () => void;
}) {
  const { policy, policyRunId, options, episodes } = report;
  return (
    <section className="panel-section">
      <h2 className="panel-title">
        {report.name}
        {state !== undefined && <StateBadge state={state} />}
      </h2>
      <Facts
        facts={[
          [
            "Policy",
            policyRunId === undefined ? (
              policy
            ) : (
              <a href={formatRoute({ view: "run", runId: policyRunId })}>{policy}</a>
            ),
          ],
          ["Episodes", episodes.length],
          ...Object.entries(options).map(([name, value]) => [optionWords[name] ?? name, value] as const),
        ]}
      />
      {(state === "running" || state === "queued") && (
        <Button mt={8} onClick={onStop}>
          Stop
        </Button>
      )}
    </section>
  );
}

const optionWords: Readonly<Record<string, string>> = {
  maskSource: "Mask source",
  maskTime: "Mask given",
  promptKind: "Prompt",
  executeSteps: "Steps between queries",
  imageSizePx: "Image side, px",
  end: "An episode ends",
};

function EpisodeFacts({
  episode,
  policyRunId,
  runId,
  line,
}: {
  episode: EpisodeOutcome;
  policyRunId: string | undefined;
  runId: string;
  line: number;
}) {
  return (
    <>
      <section className="panel-section" data-testid="episode-facts">
        <h2 className="panel-title">
          {episode.instruction}
          <OutcomeBadge outcome={episode.outcome} />
        </h2>
        <Facts
          facts={[
            ["Task, variant", `${episode.task}, ${episode.variant}`],
            ["Seed", episode.seed],
            ["Env steps", episode.nSteps],
            ["Grasped the target", episode.grasped ? "yes" : "no"],
          ]}
        />
        {episode.fault !== undefined && <p className="fail small">{episode.fault}</p>}
        <Button mt={8} onClick={() => setParams({ line: "" })}>
          Back to the matrix
        </Button>
      </section>
      {policyRunId !== undefined && <SimilarList runId={runId} line={line} />}
    </>
  );
}
