import { Button } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import type { LiveEvent, Problem } from "../host/types.ts";
import { useSubscription } from "../host/use-subscription.ts";

const MAX_CHARACTERS = 400_000;
const TRY_AGAIN_MS = 1000;

/** The end of a run's log, growing as it is written; earlier text on demand. It follows the end until the reader scrolls up. */
export function LogTail({ runId, onLive }: { runId: string; onLive: (event: LiveEvent) => void }) {
  const [log, setLog] = useState<{ runId: string; text: string; start: number }>();
  const [problem, setProblem] = useState<Problem>();
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = (triesLeft: number): void => {
      host.runs.log.query({ runId }).then(
        ({ text, start }) => {
          if (!isCurrent) return;
          setProblem(undefined);
          setLog({ runId, text, start });
        },
        (error: unknown) => {
          if (!isCurrent) return;
          // A run that was launched a moment ago may not be known yet.
          if (triesLeft > 0) timer = setTimeout(() => load(triesLeft - 1), TRY_AGAIN_MS);
          else setProblem(problemOf(error));
        },
      );
    };
    load(10);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [runId]);
  useSubscription<LiveEvent>(
    runId,
    (listeners) => host.runs.live.subscribe({ runId }, listeners),
    (event) => {
      onLive(event);
      if (event.log !== "")
        setLog((now) =>
          now === undefined
            ? now
            : { ...now, text: (event.restarted ? event.log : now.text + event.log).slice(-MAX_CHARACTERS) },
        );
    },
  );
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log]);
  const earlier = async () => {
    if (log === undefined) return;
    const { text, start } = await host.runs.log.query({ runId, before: log.start });
    setLog({ runId, text: text + log.text, start });
  };
  if (problem) return <ProblemPanel compact problem={problem} />;
  return (
    <pre
      ref={box}
      className="log mono"
      tabIndex={0}
      role="log"
      aria-label="Log"
      data-testid="log"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
        (isAtEnd.current = scrollTop + clientHeight > scrollHeight - 24)
      }
    >
      {log !== undefined && log.start > 0 && (
        <Button size="compact-xs" onClick={() => void earlier()}>
          Earlier
        </Button>
      )}
      {log?.text}
      {log?.text === "" && <span className="secondary">The log is empty.</span>}
    </pre>
  );
}
