import { readMetrics, type MetricsCursor } from "@pixelvla/jobs";

/** Ends a run whose evaluations get no better. */
export class EarlyStop {
  readonly #patience: number | null;
  #best = Infinity;
  #nWorse = 0;

  /** @param patience evaluations in a row without a better one that end the run; null never ends it */
  constructor(patience: number | null) {
    this.#patience = patience;
  }

  /** The lowest value so far. */
  get best(): number {
    return this.#best;
  }

  /** Notes an evaluation, lower being better; whether patience has run out. */
  add(value: number): boolean {
    this.#nWorse = value < this.#best ? 0 : this.#nWorse + 1;
    this.#best = Math.min(value, this.#best);
    return this.#patience !== null && this.#nWorse >= this.#patience;
  }

  /** Notes the evaluations that a resumed run has in its metrics, so that it ends where one never stopped would. */
  async recall(dir: string, split: string): Promise<void> {
    let cursor: MetricsCursor | undefined;
    for (;;) {
      const page = await readMetrics(dir, cursor);
      for (const row of page.rows) {
        const value = row[`${split}/l1`] ?? row[`${split}/loss`];
        if (typeof value === "number") this.add(value);
      }
      if (!page.more) return;
      cursor = page.cursor;
    }
  }
}
