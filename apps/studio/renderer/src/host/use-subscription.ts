import { useEffect, useEffectEvent, useState } from "react";
import type { Problem } from "./types.ts";
import { problemOf } from "./problem.ts";

/** What a subscription of the tRPC client takes. */
export interface Listeners<T> {
  onData: (value: T) => void;
  onError: (error: unknown) => void;
  onComplete?: () => void;
}

/**
 * Listens to a host subscription while the component lives and `key` stays the same; null `key` means not at all.
 * Returns the problem that ended it, if any. The client listens again by itself after the host was away.
 */
export function useSubscription<T>(
  key: string | null,
  start: (listeners: Listeners<T>) => { unsubscribe(): void },
  onData: (value: T) => void,
): Problem | undefined {
  const [failure, setFailure] = useState<{ key: string; problem: Problem }>();
  const begin = useEffectEvent(start);
  const receive = useEffectEvent(onData);
  useEffect(() => {
    if (key === null) return;
    const subscription = begin({
      onData: (value) => receive(value),
      onError: (error) => setFailure({ key, problem: problemOf(error) }),
    });
    return () => subscription.unsubscribe();
  }, [key]);
  return failure !== undefined && failure.key === key ? failure.problem : undefined;
}
