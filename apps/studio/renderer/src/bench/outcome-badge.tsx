import { IconAlertTriangle, IconCheck, IconClock, IconHandGrab, IconTargetOff, type Icon } from "@tabler/icons-react";

const looks: Readonly<Record<string, { icon: Icon; words: string; kind: "ok" | "warn" | "fail" }>> = {
  success: { icon: IconCheck, words: "success", kind: "ok" },
  "grasp-only": { icon: IconHandGrab, words: "grasped, not finished", kind: "warn" },
  "wrong-object": { icon: IconTargetOff, words: "wrong object", kind: "fail" },
  "time-out": { icon: IconClock, words: "time-out", kind: "fail" },
};

/** How an outcome is drawn and said; faults of policy or physics share one look. */
export function outcomeLook(outcome: string) {
  return looks[outcome] ?? { icon: IconAlertTriangle, words: outcome, kind: "fail" as const };
}

/** An outcome as icon and words. */
export function OutcomeBadge({ outcome }: { outcome: string }) {
  const { icon: Look, words, kind } = outcomeLook(outcome);
  return (
    <span className="outcome-badge" data-kind={kind} data-testid="outcome">
      <Look size={14} aria-hidden /> {words}
    </span>
  );
}
