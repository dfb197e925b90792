import { ActionIcon, Slider, Tooltip } from "@mantine/core";
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
} from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { useCommands, type Command } from "../commands/registry.ts";
import type { ControlCommand } from "../host/types.ts";
import { useStore } from "../store/store.ts";
import { CameraInset } from "./camera-inset.tsx";
import type { TablePlace } from "./live-scene.tsx";
import { shownAt, type RolloutStore } from "./rollout.ts";
import { SceneView } from "./scene-view.tsx";

/** Time between two steps when a rollout that has arrived is played, ms. */
const PLAY_MS = 120;

/** A rollout in 3D with the policy's camera as an inset, and its time line. `onControl` is there while it can still be told something. */
export function RolloutView({
  store,
  onControl,
  startsPaused = false,
}: {
  store: RolloutStore;
  onControl: ((command: ControlCommand) => void) | undefined;
  startsPaused?: boolean;
}) {
  const rollout = useStore(store);
  const { start, steps, shown, isFollowing, isOver } = rollout;
  const step = steps[shown];
  const [isPaused, setPaused] = useState(startsPaused);
  const [isPlaying, setPlaying] = useState(false);
  const isLive = onControl !== undefined && !isOver;

  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => {
      const now = store.get();
      if (now.shown >= now.steps.length - 1) setPlaying(false);
      else store.set(shownAt(now, now.shown + 1));
    }, PLAY_MS);
    return () => clearInterval(timer);
  }, [isPlaying, store]);

  function toggle() {
    if (isLive && isFollowing) {
      onControl({ kind: isPaused ? "play" : "pause" });
      setPaused(!isPaused);
    } else if (isPlaying) setPlaying(false);
    else {
      if (shown >= steps.length - 1) store.set(shownAt(store.get(), 0));
      setPlaying(true);
    }
  }
  const move = (by: number) => {
    setPlaying(false);
    store.set(shownAt(store.get(), store.get().shown + by));
  };
  function single() {
    if (isLive && isFollowing) {
      onControl({ kind: "step" });
      setPaused(true);
    } else move(1);
  }
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: "rollout.play", title: "Play or pause", group: "Rollout", keys: ["Space"], run: toggle },
        { id: "rollout.single", title: "One env step", group: "Rollout", keys: ["."], run: single },
        { id: "rollout.next", title: "Next moment", group: "Rollout", keys: ["ArrowRight"], run: () => move(1) },
        { id: "rollout.previous", title: "Moment before", group: "Rollout", keys: ["ArrowLeft"], run: () => move(-1) },
      ],
      // the closures depend on these alone
      [isLive, isFollowing, isPaused, isPlaying, shown, steps.length, onControl, store],
    ),
  );
  const push = (objectId: string, place: TablePlace | undefined) =>
    onControl?.(place === undefined ? { kind: "release" } : { kind: "push", objectId, ...place });
  const isRunning = isLive && isFollowing ? !isPaused : isPlaying;
  return (
    <div className="rollout" data-testid="rollout" data-steps={steps.length} data-over={isOver}>
      <div className="rollout-scene">
        {start === undefined || step === undefined ? (
          <div className="skeleton stage-skeleton" />
        ) : (
          <>
            <SceneView start={start} step={step} onPush={isLive ? push : undefined} />
            <CameraInset step={step} />
            {step.isPushed && <p className="rollout-pushed small">Pushed by hand</p>}
          </>
        )}
      </div>
      <div className="rollout-time">
        <Tooltip label="Moment before  ←">
          <ActionIcon aria-label="Moment before" onClick={() => move(-1)} disabled={shown === 0}>
            <IconPlayerSkipBack size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${isRunning ? "Pause" : "Play"}  Space`}>
          <ActionIcon aria-label={isRunning ? "Pause" : "Play"} onClick={toggle} disabled={start === undefined}>
            {isRunning ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Next moment  →">
          <ActionIcon aria-label="Next moment" onClick={() => move(1)} disabled={shown >= steps.length - 1}>
            <IconPlayerSkipForward size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="One env step  .">
          <ActionIcon aria-label="One env step" onClick={single} disabled={!isLive}>
            <IconPlayerTrackNext size={16} />
          </ActionIcon>
        </Tooltip>
        <Slider
          className="rollout-slider"
          size="xs"
          thumbLabel="Env step"
          min={0}
          max={Math.max(1, start?.maxSteps ?? steps.length)}
          value={shown}
          label={null}
          onChange={(value) => {
            setPlaying(false);
            store.set(shownAt(store.get(), value));
          }}
        />
        <span className="number small secondary" data-testid="rollout-step">
          {step?.stepIndex ?? 0} / {start?.maxSteps ?? "…"}
        </span>
      </div>
    </div>
  );
}
