import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCopy, IconRefresh } from "@tabler/icons-react";
import type { Problem } from "../host/types.ts";
import { copyText } from "./copy.ts";
import "./feedback.css";

/** Says what went wrong where it went wrong: sentence, remedy, code one click from the clipboard. The rest of the room goes on. */
export function ProblemPanel({
  problem,
  onRetry,
  compact = false,
}: {
  problem: Problem;
  onRetry?: () => void;
  compact?: boolean;
}) {
  return (
    <section className="problem" role="alert" data-compact={compact || undefined}>
      <IconAlertTriangle size={compact ? 16 : 20} className="problem-icon" aria-hidden />
      <div className="problem-body">
        <p className="problem-message">{problem.message}</p>
        {problem.fix !== undefined && !problem.message.includes(problem.fix) && (
          <p className="problem-fix">{problem.fix}</p>
        )}
        <div className="problem-actions">
          {onRetry && (
            <Button leftSection={<IconRefresh size={14} />} onClick={onRetry}>
              Try again
            </Button>
          )}
          <button
            type="button"
            className="problem-code mono"
            onClick={() => void copyText(`${problem.code} ${problem.message}`, "Details copied")}
          >
            {problem.code} <IconCopy size={12} aria-label="Copy details" />
          </button>
        </div>
      </div>
    </section>
  );
}
