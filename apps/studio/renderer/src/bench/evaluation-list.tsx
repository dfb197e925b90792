import { useQuery } from "@tanstack/react-query";
import { formatRoute } from "../route/route.ts";
import { StateBadge } from "../runs/state-badge.tsx";
import { formatCount, formatPercent } from "../text/format.ts";
import { evaluationList } from "./queries.ts";

/** Evaluations of the workspace, newest first. */
export function EvaluationList({ current }: { current?: string }) {
  const { data } = useQuery(evaluationList());
  const rows = data?.rows ?? [];
  return (
    <section aria-label="Evaluations">
      <h2 className="panel-title panel-list-title">
        Evaluations <span className="number">{formatCount(data?.nMatched ?? 0)}</span>
      </h2>
      {rows.length === 0 && (
        <p className="secondary small bench-none">
          None yet. <code>pixelvla bench run --out runs/NAME</code> appears here too.
        </p>
      )}
      {rows.map(({ runId, name, state, progress, latest }) => (
        <a
          key={runId}
          className="policy-row"
          data-side={runId === current || undefined}
          aria-current={runId === current ? "page" : undefined}
          href={formatRoute({ view: "evaluation", runId })}
        >
          <span className="truncate">{name}</span>
          <StateBadge state={state} />
          <span className="secondary small truncate policy-about number">
            {progress === undefined ? "" : `${progress.done} of ${progress.total} episodes`}
            {latest["successRate"] === undefined ? "" : `, ${formatPercent(latest["successRate"])} success`}
          </span>
        </a>
      ))}
    </section>
  );
}
