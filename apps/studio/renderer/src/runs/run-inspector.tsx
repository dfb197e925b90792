import { Button } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Facts } from "../feedback/facts.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import type { RunDetail } from "../host/types.ts";
import { navigate } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { formatAgo, formatBytes, formatCount, formatDuration, formatPercent, formatValue } from "../text/format.ts";
import { RunCommands } from "./commands.tsx";
import { orderedKeys } from "./curve-view.ts";
import { isActive } from "./job-ends.ts";
import { MachineLoad } from "./machine-load.tsx";
import { runDetail } from "./queries.ts";
import { StateBadge } from "./state-badge.tsx";

function ProgressFacts({ run }: { run: RunDetail }) {
  const { progress, state } = run;
  if (progress === undefined) return null;
  const fraction = progress.total === 0 ? 0 : progress.done / progress.total;
  return (
    <>
      <div
        className="big-progress"
        role="progressbar"
        aria-label={`Progress of ${run.name}`}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span style={{ width: `${Math.min(1, fraction) * 100}%` }} data-state={state} />
      </div>
      <p className="small number progress-words" data-testid="progress">
        <span>
          {formatCount(progress.done)} of {formatCount(progress.total)} {progress.unit}, {formatPercent(fraction)}
        </span>
        {state === "running" && progress.etaS !== undefined && (
          <span className="secondary">{formatDuration(progress.etaS)} left</span>
        )}
      </p>
    </>
  );
}

/** State, progress, commands, last values and checkpoints of one run, and how busy this machine is. */
export function RunInspector({ runId, isPage = false }: { runId: string; isPage?: boolean }) {
  const {
    data: run,
    error,
    refetch,
  } = useQuery({
    ...runDetail(runId),
    refetchInterval: ({ state }) => (state.data && isActive(state.data.state) ? 2000 : 10_000),
  });
  if (error) return <ProblemPanel compact problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (run === undefined) return <div className="skeleton" style={{ height: 160, margin: 12 }} />;
  const now = Date.now();
  return (
    <>
      <section className="panel-section" data-testid="run-inspector">
        <h2 className="run-title">{run.name}</h2>
        {run.kind === "sweep" && (
          <p>
            <a href={formatRoute({ view: "ablation", runId })}>Open the ablation table</a>
          </p>
        )}
        {run.kind === "bench" && (
          <p>
            <a href={formatRoute({ view: "evaluation", runId })}>Open the evaluation</a>
          </p>
        )}
        <div className="run-state" data-testid="state">
          <StateBadge state={run.state} />
          {run.heartbeatAt !== undefined && isActive(run.state) && (
            <span className="secondary small">heartbeat {formatAgo(run.heartbeatAt, now)}</span>
          )}
        </div>
        <ProgressFacts run={run} />
        {run.problem && <ProblemPanel compact problem={run.problem} />}
        <RunCommands run={run} />
        {!isPage && (
          <Button
            fullWidth
            mt={8}
            leftSection={<IconExternalLink size={14} />}
            onClick={() => navigate({ view: "run", runId })}
          >
            Open run
          </Button>
        )}
      </section>
      <section className="panel-section">
        <h2 className="panel-title">Run</h2>
        <Facts
          facts={[
            ["Kind", run.kind],
            ["Recipe", run.recipe ?? "–"],
            ["Dataset", run.dataset ?? "–"],
            ["Changes", run.changes.join(", ") || "none"],
            ["Device", run.device ?? "not stated"],
            ["Host", run.host ?? "–"],
            ["Started", run.startedAt === undefined ? "–" : formatAgo(run.startedAt, now)],
            [
              "Rate",
              run.progress && run.progress.ratePerS > 0
                ? `${formatValue(Number(run.progress.ratePerS.toPrecision(3)))} ${run.progress.unit}/s`
                : "–",
            ],
          ]}
        />
      </section>
      {Object.keys(run.latest).length > 0 && (
        <section className="panel-section">
          <h2 className="panel-title">Last values</h2>
          <Facts
            facts={orderedKeys(Object.keys(run.latest))
              .map((key) => [key, run.latest[key]] as const)
              .map(([key, value]) => [
                key,
                <span key={key} data-testid={`latest-${key}`}>
                  {formatValue(value)}
                </span>,
              ])}
          />
        </section>
      )}
      <section className="panel-section">
        <h2 className="panel-title">Checkpoints</h2>
        {run.checkpoints.length === 0 ? (
          <p className="secondary small">None saved yet.</p>
        ) : (
          <Facts
            facts={run.checkpoints
              .slice(-12)
              .reverse()
              .map(({ name, sizeBytes, savedAt, isLatest }) => [
                isLatest ? `${name} (latest)` : name,
                `${formatBytes(sizeBytes)}, ${formatAgo(savedAt, now)}`,
              ])}
          />
        )}
      </section>
      <MachineLoad />
    </>
  );
}
