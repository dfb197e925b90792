/** Units per second over a sliding window, for progress lines. */
export class RateMeter {
  readonly #windowS: number;
  readonly #points: { timeS: number; done: number }[] = [];

  constructor(windowS = 30) {
    this.#windowS = windowS;
  }

  /** Notes that `done` units were finished at `timeS`; returns the rate, or null while there is only one point. */
  update(done: number, timeS: number): number | null {
    const points = this.#points;
    points.push({ timeS, done });
    while (points.length > 2 && timeS - points[1]!.timeS >= this.#windowS) points.shift();
    const first = points[0]!;
    const elapsedS = timeS - first.timeS;
    return elapsedS > 0 ? Math.max(0, done - first.done) / elapsedS : null;
  }
}
