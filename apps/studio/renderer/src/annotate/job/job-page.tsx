import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useState } from "react";
import { runFileUrl } from "@pixelvla/studio-contract/urls";
import { Facts } from "../../feedback/facts.tsx";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import type { JobView } from "../../host/types.ts";
import { useSubscription } from "../../host/use-subscription.ts";
import { formatRoute } from "../../route/route.ts";
import { useRunCommand } from "../../runs/commands.tsx";
import { StateBadge } from "../../runs/state-badge.tsx";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { formatCount, formatDuration, formatFixed, formatPercent } from "../../text/format.ts";
import { StoreTabs } from "../store-tabs.tsx";
import type { StoreItem } from "../../host/types.ts";
import { Funnel } from "./funnel.tsx";

const looks = {
  stop: { label: "Stop", icon: IconPlayerStop },
  pause: { label: "Pause", icon: IconPlayerPause },
  resume: { label: "Resume", icon: IconPlayerPlay },
};

/** An annotation job while it works: how far it is, its funnel, and thumbnails of what it keeps and drops. */
export function JobPage({ store }: { store: StoreItem }) {
  const { storeId } = store;
  const [view, setView] = useState<JobView>();
  const [cause, setCause] = useState<string>();
  const problem = useSubscription<JobView>(
    `annotate.job ${storeId}`,
    (listeners) => host.annotate.job.subscribe({ storeId }, listeners),
    setView,
  );
  const command = useRunCommand(storeId);
  const shown = view?.previews.filter((preview) => cause === undefined || (preview.cause ?? "kept") === cause) ?? [];
  return (
    <RoomLayout
      id="annotation-job"
      main={
        <>
          <StoreTabs store={store} current="annotation-job" />
          {problem && <ProblemPanel problem={problem} />}
          {view === undefined ? (
            <div className="skeleton job-skeleton" />
          ) : (
            <div className="job" data-testid="job">
              <Progress view={view} />
              <Funnel funnel={view.funnel} total={view.row.progress?.total} cause={cause} onCause={setCause} />
              <h2 className="panel-title job-title">
                {cause === undefined ? "Thumbnails" : cause === "kept" ? "Kept" : `Dropped: ${cause}`}
                <span className="number">{formatCount(shown.length)}</span>
              </h2>
              <ul className="previews" data-testid="previews">
                {shown.map(({ path, episodeIndex, caption, task, cause: why }) => (
                  <li key={path} data-cause={why ?? "kept"}>
                    {why === undefined ? (
                      <a href={formatRoute({ view: "review", storeId, params: { ep: `${episodeIndex}` } })}>
                        <img src={runFileUrl(storeId, path)} alt={`Episode ${episodeIndex}: ${task}`} loading="lazy" />
                      </a>
                    ) : (
                      <img src={runFileUrl(storeId, path)} alt={`Episode ${episodeIndex}: ${task}`} loading="lazy" />
                    )}
                    <span className="small truncate" title={task}>
                      <span className="number secondary">{episodeIndex}</span> {task}
                    </span>
                    <span className="preview-caption secondary" title={caption}>
                      {caption}
                    </span>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </>
      }
      inspectorLabel="Job"
      inspector={
        view && (
          <>
            <section className="panel-section">
              <h2 className="panel-title">
                {view.row.name} <StateBadge state={view.row.state} />
              </h2>
              <div className="run-commands">
                {view.commands.map((name) => {
                  const { label, icon: Icon } = looks[name];
                  return (
                    <Button
                      key={name}
                      leftSection={<Icon size={14} />}
                      loading={command.isPending && command.variables === name}
                      onClick={() => command.mutate(name)}
                    >
                      {label}
                    </Button>
                  );
                })}
              </div>
              {view.row.problem && <ProblemPanel compact problem={view.row.problem} />}
            </section>
            <section className="panel-section">
              <h2 className="panel-title">Kept</h2>
              <Facts
                facts={[
                  ["Episodes", `${formatCount(view.funnel.nKept)} of ${formatCount(view.funnel.nIn)}`],
                  ["Frames", formatCount(view.funnel.nFrames)],
                  [
                    "Frames with a mask",
                    formatPercent(view.funnel.nFrames === 0 ? 0 : view.funnel.nFramesWithMask / view.funnel.nFrames),
                  ],
                  ["Mean score", formatFixed(view.funnel.meanScore, 2)],
                  ["Mean doubt", formatFixed(view.funnel.meanDoubt, 2)],
                ]}
              />
            </section>
            <section className="panel-section">
              <h2 className="panel-title">Job</h2>
              <Facts
                facts={[
                  ["Recipe", store.recipe ?? "–"],
                  ["Dataset", store.datasetName],
                  ["Folder", <span className="mono">{view.row.path}</span>],
                  ["Machine", view.row.host ?? "–"],
                ]}
              />
              <p className="small">
                <a href={formatRoute({ view: "run", runId: storeId })}>Log and files in Runs</a>
              </p>
            </section>
          </>
        )
      }
    />
  );
}

function Progress({ view: { row } }: { view: JobView }) {
  const { progress, state } = row;
  const total = progress?.total ?? 0;
  const done = progress?.done ?? 0;
  return (
    <div className="job-progress number" data-testid="job-progress">
      <span className="big-progress">
        <span style={{ width: `${total === 0 ? 0 : (100 * done) / total}%` }} data-state={state} />
      </span>
      <span>
        {formatCount(done)} of {total === 0 ? "?" : formatCount(total)} episodes
      </span>
      {state === "running" && progress !== undefined && progress.ratePerS > 0 && (
        <span className="secondary">
          {formatFixed(progress.ratePerS, 2)} a second
          {progress.etaS === undefined ? "" : `, ${formatDuration(progress.etaS)} left`}
        </span>
      )}
    </div>
  );
}
