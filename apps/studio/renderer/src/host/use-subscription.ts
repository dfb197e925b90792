import { useEffect, useEffectEvent, useState } from "react";
import type { Problem } from "./types.ts";
import { problemOf } from "./problem.ts";

/** Time until a subscription that failed is tried again, ms. */
const LISTEN_AGAIN_MS = 2000;

/** What a subscription of the tRPC client takes. */
export interface Listeners<T> {
  onData: (value: T) => void;
  onError: (error: unknown) => void;
  onComplete?: () => void;
}

/**
 * Listens to a host subscription while the component lives and `key` stays the same; null `key` means not at all.
 * Returns the problem that ended it, if any, until it works again: it is tried anew (a run that was launched a moment ago may not
 * be known yet). The client listens again by itself after the host was away.
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
    let subscription: { unsubscribe(): void } | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      subscription = begin({
        onData: (value) => {
          setFailure(undefined);
          receive(value);
        },
        onError: (error) => {
          setFailure({ key, problem: problemOf(error) });
          timer = setTimeout(listen, LISTEN_AGAIN_MS);
        },
      });
    };
    listen();
    return () => {
      clearTimeout(timer);
      subscription?.unsubscribe();
    };
  }, [key]);
  return failure !== undefined && failure.key === key ? failure.problem : undefined;
}
