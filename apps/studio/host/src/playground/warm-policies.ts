import { RunPolicy } from "@pixelvla/training";

/** Policies kept loaded: two side by side and the one before. */
const KEPT = 3;
/** Without a question for this long a policy is let go. */
const IDLE_MS = 10 * 60_000;

interface Warm {
  readonly policy: Promise<RunPolicy>;
  readonly loadMs: Promise<number>;
  usedMs: number;
}

/** Loaded policies by checkpoint folder; the least recently used one is closed when there are too many, and all that idle. */
export class WarmPolicies {
  readonly #warm = new Map<string, Warm>();

  constructor() {
    setInterval(() => this.#closeIdle(), IDLE_MS / 4).unref();
  }

  /** @throws PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_WEIGHTS, PVLA_CONFIG */
  async get(checkpoint: string): Promise<{ policy: RunPolicy; isCold: boolean; loadMs: number }> {
    const known = this.#warm.get(checkpoint);
    const warm = known ?? load(checkpoint);
    this.#warm.delete(checkpoint);
    this.#warm.set(checkpoint, warm);
    warm.usedMs = Date.now();
    for (const [oldest] of this.#warm) {
      if (this.#warm.size <= KEPT) break;
      await this.#close(oldest);
    }
    try {
      return { policy: await warm.policy, isCold: known === undefined, loadMs: await warm.loadMs };
    } catch (error) {
      this.#warm.delete(checkpoint);
      throw error;
    }
  }

  #closeIdle(): void {
    for (const [checkpoint, { usedMs }] of this.#warm) if (Date.now() - usedMs > IDLE_MS) void this.#close(checkpoint);
  }

  async #close(checkpoint: string): Promise<void> {
    const warm = this.#warm.get(checkpoint);
    this.#warm.delete(checkpoint);
    await warm?.policy.then(
      (policy) => policy.close(),
      () => undefined, // whoever asked for it has heard
    );
  }
}

function load(checkpoint: string): Warm {
  const startMs = performance.now();
  const policy = RunPolicy.load(checkpoint, { attention: true });
  const loadMs = policy.then(
    () => performance.now() - startMs,
    () => 0,
  );
  return { policy, loadMs, usedMs: Date.now() };
}
