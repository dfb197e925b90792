import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { host } from "../host/client.ts";
import type { DoctorCheck, DoctorEvent, Problem } from "../host/types.ts";
import { useSubscription } from "../host/use-subscription.ts";

/** Rest of the keyboard before a changed request is examined, ms. */
const REST_MS = 400;

type DoctorRequest = Parameters<typeof host.runs.doctor.subscribe>[0];

/** An examination under way or over. */
export interface Examination {
  /** What is looked at now; undefined when it is over. */
  readonly what: string | undefined;
  /** What was found so far. */
  readonly checks: readonly DoctorCheck[];
  /** Stopped by the user before it was over. */
  readonly isStopped: boolean;
  readonly problem: Problem | undefined;
  stop(): void;
  again(): void;
}

/** Has `request` examined by the doctor, anew when it changes; undefined means nothing can be examined yet. */
export function useDoctor(request: DoctorRequest | undefined): Examination {
  const wanted = request === undefined ? null : JSON.stringify(request);
  const [rested] = useDebouncedValue(wanted, REST_MS);
  const [round, setRound] = useState(0);
  const [stopped, setStopped] = useState<string>();
  const [found, setFound] = useState<{ key: string; what: string | undefined; checks: readonly DoctorCheck[] }>();
  // What is on the form counts, also for a stop that comes before the keyboard has rested.
  const key = wanted === null ? null : `${round} ${wanted}`;
  const isStopped = key !== null && stopped === key;
  const problem = useSubscription<DoctorEvent>(
    isStopped || rested !== wanted ? null : key,
    (listeners) => host.runs.doctor.subscribe(JSON.parse(wanted!) as DoctorRequest, listeners),
    (event) => setFound({ key: key!, what: event.kind === "progress" ? event.what : undefined, checks: event.checks }),
  );
  const isCurrent = key !== null && found?.key === key;
  const waiting = key === null ? undefined : "waiting";
  return {
    what: isStopped ? undefined : isCurrent ? found.what : waiting,
    checks: isCurrent ? found.checks : [],
    isStopped,
    problem,
    stop: () => setStopped(key ?? undefined),
    again: () => setRound(round + 1),
  };
}
