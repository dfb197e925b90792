import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { formatRoute } from "../route/route.ts";
import { formatCount } from "../text/format.ts";
import { runPage } from "./queries.ts";
import { runQueryOf } from "./run-params.ts";
import { StateBadge } from "./state-badge.tsx";

const latest = runQueryOf({});

/** The latest runs beside an open one. */
export function RunSidebar({ current }: { current: string }) {
  const { data } = useQuery(runPage(latest, 0));
  return (
    <>
      <div className="sidebar-head">
        <a href="#/runs">
          <IconArrowLeft size={14} aria-hidden /> All runs
        </a>
        <span className="number secondary small">
          {data === undefined
            ? "…"
            : `${formatCount(Math.min(data.rows.length, data.nMatched))} of ${formatCount(data.nTotal)} runs, latest first`}
        </span>
      </div>
      <ul className="run-list">
        {data?.rows.map(({ runId, name, state }) => (
          <li key={runId}>
            <a
              className="run-item"
              href={formatRoute({ view: "run", runId })}
              aria-current={runId === current || undefined}
            >
              <span className="truncate">{name}</span>
              <StateBadge state={state} />
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
