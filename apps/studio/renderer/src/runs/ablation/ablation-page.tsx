import { Button } from "@mantine/core";
import { IconDownload, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { downloadText } from "../../charts/export.ts";
import { copyText } from "../../feedback/copy.ts";
import { Facts } from "../../feedback/facts.tsx";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import type { AblationTable, ReportFormat, RunState } from "../../host/types.ts";
import { formatRoute } from "../../route/route.ts";
import { learnName } from "../../shell/crumbs.ts";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { formatDuration, formatPercent } from "../../text/format.ts";
import { useRunCommand } from "../commands.tsx";
import { runDetail } from "../queries.ts";
import { RunSidebar } from "../run-sidebar.tsx";
import { StateBadge } from "../state-badge.tsx";
import { AblationTableView } from "./ablation-table.tsx";
import "./ablation.css";

const formats: readonly { format: ReportFormat; label: string; ending: string }[] = [
  { format: "markdown", label: "Markdown", ending: "md" },
  { format: "latex", label: "LaTeX", ending: "tex" },
  { format: "csv", label: "CSV", ending: "csv" },
];

const sweepTable = (runId: string, isLive: boolean) =>
  queryOptions({
    queryKey: ["sweeps.report", runId],
    queryFn: () => host.sweeps.report.query({ runId }),
    refetchInterval: isLive ? 3000 : false,
  });

/** A sweep as the paper's table, with its cells' states and the table's other forms. */
export function AblationPage({ runId }: { runId: string }) {
  const run = useQuery({ ...runDetail(runId), refetchInterval: 2000 });
  const isLive = run.data !== undefined && ["queued", "running", "stopping"].includes(run.data.state);
  const table = useQuery(sweepTable(runId, isLive));
  const isAwaited = isLive && table.data === undefined;
  useEffect(() => run.data && learnName(runId, run.data.name), [run.data, runId]);
  const state = run.data?.state;
  // The last look while it was at work came before its end: the table of an ended sweep is asked for anew.
  useEffect(() => {
    if (state !== undefined) void queryClient.invalidateQueries({ queryKey: ["sweeps.report", runId] });
  }, [state, runId]);
  const command = useRunCommand(runId);
  const resubmit = useMutation({
    mutationFn: () => host.sweeps.resubmit.mutate({ runId }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["runs.get", runId] }),
  });
  return (
    <RoomLayout
      id="ablation"
      listLabel="Runs"
      list={<RunSidebar current={runId} />}
      main={
        isAwaited ? (
          <Awaited state={run.data.state} />
        ) : table.error !== null ? (
          <ProblemPanel problem={problemOf(table.error)} onRetry={() => void table.refetch()} />
        ) : (
          <div className="ablation-scroll" tabIndex={0} role="group" aria-label="Table">
            {table.data && (
              <>
                <h1>{table.data.title}</h1>
                <p className="secondary ablation-words">{table.data.description}</p>
                <AblationTableView table={table.data} />
                <p className="secondary small ablation-words">
                  Success in percent with 95 % Wilson intervals over n episodes, training seeds{" "}
                  {table.data.seeds.join(", ")} pooled; below, the difference in points to the {table.data.reference}{" "}
                  over pairs of episodes on the same layout (95 % bootstrap over layouts and seeds, exact McNemar test).
                  {table.data.hasPaper &&
                    " Grey: the paper's own numbers, for another robot, simulator and policies thousands of times larger; only the order of the rows can be compared."}
                </p>
              </>
            )}
          </div>
        )
      }
      inspectorLabel="Sweep"
      inspector={
        <>
          <section className="panel-section">
            <h2 className="panel-title">
              {run.data?.name ?? "…"}
              {run.data && <StateBadge state={run.data.state} />}
            </h2>
            <Facts
              facts={[
                ["Compared with", table.data?.reference ?? "…"],
                ["Rows", table.data?.rows.length ?? "…"],
                ["Training seeds", table.data?.seeds.join(", ") ?? "…"],
                ...(isLive && run.data.progress !== undefined
                  ? [["Time left", leftOf(run.data.progress)] as const]
                  : []),
              ]}
            />
            {run.data?.commands.includes("stop") && (
              <Button
                mt={8}
                leftSection={<IconPlayerStop size={14} />}
                loading={command.isPending}
                onClick={() => command.mutate("stop")}
              >
                Stop
              </Button>
            )}
            {run.data?.problem && <ProblemPanel compact problem={run.data.problem} />}
          </section>
          <section className="panel-section" aria-label="Export">
            <h2 className="panel-title">Export</h2>
            {formats.map(({ format, label, ending }) => (
              <div key={format} className="ablation-export">
                <Button
                  leftSection={<IconDownload size={14} />}
                  onClick={() =>
                    void host.sweeps.text
                      .query({ runId, format })
                      .then((text) => downloadText(text, `${table.data?.name ?? "sweep"}.${ending}`))
                  }
                >
                  {label}
                </Button>
                <Button
                  variant="subtle"
                  onClick={() =>
                    void host.sweeps.text
                      .query({ runId, format })
                      .then((text) => copyText(text, `The table as ${label} is copied`))
                  }
                >
                  Copy
                </Button>
              </div>
            ))}
          </section>
          {table.data && (
            <Tasks
              tasks={table.data.tasks}
              canResubmit={!isLive}
              isPending={resubmit.isPending}
              onResubmit={() => resubmit.mutate()}
            />
          )}
          {resubmit.error && (
            <div className="panel-section">
              <ProblemPanel compact problem={problemOf(resubmit.error)} />
            </div>
          )}
        </>
      }
    />
  );
}

/** A sweep whose first file is not written yet. */
function Awaited({ state }: { state: RunState }) {
  return (
    <p className="secondary ablation-words ablation-awaited" role="status">
      {state === "queued"
        ? "The sweep is queued: it begins when the jobs before it are done. This page follows by itself."
        : "The sweep begins: its cells are being laid out."}
    </p>
  );
}

function Tasks({
  tasks,
  canResubmit,
  isPending,
  onResubmit,
}: {
  tasks: AblationTable["tasks"];
  canResubmit: boolean;
  isPending: boolean;
  onResubmit: () => void;
}) {
  const nLeft = tasks.filter(({ state }) => state !== "done").length;
  return (
    <section className="panel-section" data-testid="sweep-tasks">
      <h2 className="panel-title">
        Cells <span className="number">{`${tasks.length - nLeft} of ${tasks.length} done`}</span>
      </h2>
      {nLeft > 0 && (
        <Button
          mb={8}
          leftSection={<IconRefresh size={14} />}
          disabled={!canResubmit}
          loading={isPending}
          onClick={onResubmit}
        >
          {canResubmit ? `Take up ${nLeft} unfinished` : "At work"}
        </Button>
      )}
      <ul className="ablation-tasks">
        {tasks.map(({ id, state, runId, share, message }) => (
          <li key={id}>
            {runId === undefined ? (
              <span className="truncate">{id}</span>
            ) : (
              <a className="truncate" href={formatRoute({ view: "run", runId })}>
                {id}
              </a>
            )}
            <span className="small" data-state={state}>
              {state}
            </span>
            {state === "running" && share !== undefined && (
              <span className="ablation-share-done" title={formatPercent(share)}>
                <span style={{ width: formatPercent(share) }} />
              </span>
            )}
            {message !== undefined && <span className="fail small ablation-message">{message}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

const leftOf = ({ etaS }: { etaS?: number | undefined }) =>
  etaS === undefined ? "not known yet" : formatDuration(etaS);
