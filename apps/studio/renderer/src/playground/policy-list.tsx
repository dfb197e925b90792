import { ActionIcon, Tooltip } from "@mantine/core";
import { IconColumns2 } from "@tabler/icons-react";
import type { PolicyItem } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";
import { formatAgo, formatCount } from "../text/format.ts";

/** Runs with checkpoints: a click opens one, the button beside it puts it next to the open one. */
export function PolicyList({
  policies,
  first,
  second,
}: {
  policies: readonly PolicyItem[];
  first: string | undefined;
  second: string | undefined;
}) {
  return (
    <section aria-label="Checkpoints">
      <h2 className="panel-title panel-list-title">
        Checkpoints <span className="number">{formatCount(policies.length)}</span>
      </h2>
      {policies.map(({ runId, name, recipe, steps, savedAt }) => {
        const side = runId === first ? "A" : runId === second ? "B" : undefined;
        return (
          <div key={runId} className="policy-line" data-side={side}>
            <button
              type="button"
              className="policy-row"
              data-side={side}
              aria-pressed={runId === first}
              onClick={() => setParams({ run: runId, step: "", ...(runId === second ? { b: "" } : {}) })}
            >
              <span className="truncate">{name}</span>
              {side !== undefined && <span className="policy-side small">{side}</span>}
              <span className="secondary small truncate policy-about">
                {recipe ?? "no recipe name"}, train step {formatCount(steps.at(-1) ?? 0)},{" "}
                {formatAgo(savedAt, Date.now())}
              </span>
            </button>
            {runId !== first && (
              <Tooltip label={runId === second ? "Take away" : "Put beside the open one"}>
                <ActionIcon
                  aria-label={runId === second ? `Take ${name} away` : `Put ${name} beside`}
                  data-active={runId === second || undefined}
                  onClick={() => setParams({ b: runId === second ? "" : runId, bstep: "" })}
                >
                  <IconColumns2 size={16} />
                </ActionIcon>
              </Tooltip>
            )}
          </div>
        );
      })}
    </section>
  );
}
