/** Signals nearer to each other than this are one request. */
const SAME_SIGNAL_MS = 300;

/**
 * A signal that aborts at the first Ctrl-C (or SIGTERM), so that work can save and end. The second Ctrl-C ends at once, unless it
 * comes with the first: `timeout` and some schedulers signal a process both by itself and with its group.
 * Declared with `using`, it listens to the end of the block, however that ends.
 */
export function interruptSignal(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let abortedAtMs = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      abortedAtMs = performance.now();
      controller.abort();
    } else if (performance.now() - abortedAtMs > SAME_SIGNAL_MS) process.exit(130);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
