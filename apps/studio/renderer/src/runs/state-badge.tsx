import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClock,
  IconHandStop,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { RunState } from "../host/types.ts";

const icons = {
  queued: IconClock,
  running: IconPlayerPlay,
  paused: IconPlayerPause,
  stopping: IconHandStop,
  stopped: IconPlayerStop,
  done: IconCircleCheck,
  failed: IconAlertTriangle,
  lost: IconPlugConnectedX,
};

/** A job's state as icon and word. */
export function StateBadge({ state }: { state: RunState }) {
  const Icon = icons[state];
  return (
    <span className="state" data-state={state}>
      <Icon size={14} stroke={1.8} aria-hidden /> {state}
    </span>
  );
}
