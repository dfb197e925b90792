import { IconFlask } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { EmptyState } from "../feedback/empty-state.tsx";
import { Facts } from "../feedback/facts.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { host } from "../host/client.ts";
import { useSubscription } from "../host/use-subscription.ts";
import type { ControlCommand, RolloutEvent } from "../host/types.ts";
import type { Route } from "../route/route.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { useStore } from "../store/store.ts";
import { formatPercent } from "../text/format.ts";
import { BenchForm, type WatchChoice } from "./bench-form.tsx";
import { EvaluationList } from "./evaluation-list.tsx";
import { EvaluationPage } from "./evaluation-page.tsx";
import { OutcomeBadge } from "./outcome-badge.tsx";
import { createRollout, rolloutAfter, type RolloutStore } from "./rollout.ts";
import { RolloutView } from "./rollout-view.tsx";
import "../datasets/datasets.css";
import "../datasets/player/player.css";
import "../playground/playground.css";
import "../runs/runs.css";
import "./bench.css";

interface Watching extends WatchChoice {
  readonly watchId: string;
  readonly store: RolloutStore;
}

/** Room "Bench": watch a rollout live, or open an evaluation. */
export function BenchRoom({ route }: { route: Route }) {
  if (route.view === "evaluation")
    return <EvaluationPage key={route.runId} runId={route.runId} params={route.params} />;
  return <LiveRoom />;
}

function LiveRoom() {
  const [watching, setWatching] = useState<Watching>();
  const problem = useSubscription<RolloutEvent>(
    watching?.watchId ?? null,
    (listeners) =>
      host.bench.watch.subscribe(
        {
          watchId: watching!.watchId,
          player: watching!.player,
          episode: watching!.episode,
          options: watching!.options,
          stepMs: watching!.stepMs,
          isPaused: watching!.isPaused,
        },
        listeners,
      ),
    (event) => watching?.store.set(rolloutAfter(watching.store.get(), event)),
  );
  const control = useMemo(() => {
    const watchId = watching?.watchId;
    return watchId === undefined
      ? undefined
      : (command: ControlCommand) => void host.bench.control.mutate({ watchId, command });
  }, [watching]);
  return (
    <RoomLayout
      id="bench"
      listLabel="Rollouts and evaluations"
      list={
        <>
          <BenchForm
            onWatch={(choice) => setWatching({ ...choice, watchId: crypto.randomUUID(), store: createRollout() })}
          />
          <EvaluationList />
        </>
      }
      main={
        watching === undefined ? (
          <EmptyState
            icon={<IconFlask size={36} stroke={1.3} />}
            title="Bench"
            command="pixelvla bench run --policy RUN --out runs/NAME"
          >
            Play a policy in closed loop on the tabletop: watch one episode in 3D, or evaluate it over tasks, variants
            and seeds.
          </EmptyState>
        ) : problem !== undefined ? (
          <ProblemPanel problem={problem} />
        ) : (
          <RolloutView
            key={watching.watchId}
            store={watching.store}
            onControl={control}
            startsPaused={watching.isPaused}
          />
        )
      }
      inspectorLabel="Rollout"
      inspector={watching && <RolloutFacts watching={watching} />}
    />
  );
}

function RolloutFacts({ watching }: { watching: Watching }) {
  const { start, steps, shown, isOver, outcome } = useStore(watching.store);
  const step = steps[shown];
  const { episode, options, player } = watching;
  const who = player.kind === "builtin" ? player.name : player.kind === "server" ? player.url : player.runId;
  return (
    <>
      <section className="panel-section">
        <h2 className="panel-title">{start?.instruction ?? "…"}</h2>
        <Facts
          facts={[
            ["Policy", who],
            ["Robot", episode.embodiment],
            ["Task, variant", `${episode.task}, ${episode.variant}`],
            ["Seed", episode.seed],
            ["Mask source", options.maskSource ?? "none"],
            ["Prompt", options.promptKind ?? "mask"],
          ]}
        />
      </section>
      <section className="panel-section" data-testid="rollout-facts">
        <h2 className="panel-title">
          Env step {step?.stepIndex ?? 0}
          {isOver && outcome !== undefined && <OutcomeBadge outcome={outcome.outcome} />}
        </h2>
        <Facts
          facts={[
            ["Gripper at", step === undefined ? "…" : `${step.handM.map((value) => value.toFixed(3)).join("  ")} m`],
            ["Opening", step === undefined ? "…" : formatPercent(step.opening)],
            ["Holds", step === undefined || step.graspedIds.length === 0 ? "nothing" : step.graspedIds.join(", ")],
            ["Means to do", step === undefined ? "…" : `${step.intended.length} steps`],
            ...(outcome === undefined
              ? []
              : ([
                  ["Env steps", outcome.nSteps],
                  ["Asked the policy", `${outcome.nQueries} times`],
                  ["Time in the policy", `${(outcome.policyMs / Math.max(1, outcome.nQueries)).toFixed(1)} ms a query`],
                ] as const)),
          ]}
        />
        {outcome?.fault !== undefined && <p className="fail small">{outcome.fault}</p>}
      </section>
      {!isOver && (
        <p className="panel-section small secondary">
          Drag an object to push it. Space pauses, . takes one env step. An episode that was pushed is not saved.
        </p>
      )}
    </>
  );
}
