/** Signals nearer to each other than this are one request. */
const SAME_SIGNAL_MS = 300;

/**
 * A signal that aborts at the first Ctrl-C (or SIGTERM), so that work can save and end. The second Ctrl-C ends at once, unless it
 * comes with the first: `timeout` and some schedulers signal a process both by itself and with its group.
 * Call `dispose` when the work is over.
 */
export function interruptSignal(): { readonly signal: AbortSignal; dispose(): void } {
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
    dispose() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
