import { IconCheck, IconClock, IconFlag, IconPencil, IconX } from "@tabler/icons-react";
import type { ReviewDecision } from "../../host/types.ts";

const looks = {
  pending: { icon: IconClock, word: "not decided" },
  accepted: { icon: IconCheck, word: "accepted" },
  corrected: { icon: IconPencil, word: "fixed" },
  rejected: { icon: IconX, word: "rejected" },
  hard: { icon: IconFlag, word: "hard" },
};

/** What counts for an episode, as icon and word. */
export function DecisionBadge({ decision, isShort = false }: { decision: ReviewDecision; isShort?: boolean }) {
  const { icon: Icon, word } = looks[decision];
  if (isShort && decision === "pending") return null;
  return (
    <span className="decision" data-decision={decision}>
      <Icon size={13} stroke={2} aria-hidden /> {word}
    </span>
  );
}
