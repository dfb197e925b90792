import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { RunsChanged, RunState } from "../host/types.ts";
import { showToast } from "../feedback/toasts.tsx";
import { host } from "../host/client.ts";
import { useSubscription } from "../host/use-subscription.ts";
import { formatRoute } from "../route/route.ts";
import { learnName } from "../shell/crumbs.ts";
import { createStore } from "../store/store.ts";
import { endMessage, isActive } from "./job-ends.ts";

/** How many jobs are queued, running, paused or stopping. */
export const activeJobs = createStore(0);

/** Follows every job of the workspace: counts the active ones, tells of those that end, and freshens lists (at most once a second). */
export function useJobWatch(): void {
  const client = useQueryClient();
  const states = useRef(new Map<string, RunState>());
  const hasHeard = useRef(false);
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pending.current), []);
  useSubscription<RunsChanged>(
    "runs.changes",
    (listeners) => host.runs.changes.subscribe(undefined, listeners),
    ({ rows, gone }) => {
      for (const row of rows) {
        const message = endMessage(states.current.get(row.runId), row);
        if (message)
          showToast({ ...message, link: { label: "Open", href: formatRoute({ view: "run", runId: row.runId }) } });
        states.current.set(row.runId, row.state);
      }
      if (rows.length < 50) for (const { runId, name } of rows) learnName(runId, name);
      for (const runId of gone) states.current.delete(runId);
      activeJobs.set([...states.current.values()].filter(isActive).length);
      const isFirst = !hasHeard.current;
      hasHeard.current = true;
      if (isFirst) return; // the lists were asked for a moment ago
      pending.current ??= setTimeout(() => {
        pending.current = undefined;
        void client.invalidateQueries({ queryKey: ["runs.list"] });
        void client.invalidateQueries({ queryKey: ["annotate.stores"] });
      }, 1000);
    },
  );
}
