/** Planned weights differ from a machine's speed by some factor; beyond these a measured factor is a fluke of a short time. */
const LEAST = 0.2;
const MOST = 10;
/** Seconds of planned work before the factor is trusted. */
const TRUSTED_S = 5;

/** Time left of a job of several steps: what is planned, times how much slower or faster this machine has been so far. */
export class StepClock {
  readonly #plannedS: readonly number[];
  /** Seconds spent in each step, over all resumes; index by step. */
  readonly #spentS: number[];

  constructor(plannedS: readonly number[], spentS: readonly number[]) {
    this.#plannedS = plannedS;
    this.#spentS = plannedS.map((_, i) => spentS[i] ?? 0);
  }

  get totalS(): number {
    return this.#plannedS.reduce((sum, seconds) => sum + seconds, 0);
  }

  /** Planned seconds of the work done, with `share` of step `index` finished. */
  doneS(index: number, share: number): number {
    const before = this.#plannedS.slice(0, index).reduce((sum, seconds) => sum + seconds, 0);
    return before + share * (this.#plannedS[index] ?? 0);
  }

  spend(index: number, seconds: number): void {
    this.#spentS[index] = seconds;
  }

  /** Seconds left with `share` of step `index` finished. */
  leftS(index: number, share: number): number {
    const done = this.doneS(index, share);
    const spent = this.#spentS.slice(0, index + 1).reduce((sum, seconds) => sum + seconds, 0);
    const factor = done < TRUSTED_S ? 1 : Math.min(MOST, Math.max(LEAST, spent / done));
    return factor * (this.totalS - done);
  }
}
