import type { StepReport } from "@pixelvla/engines";

/** Means over the train steps between two rows of metrics. */
export class StepInterval {
  readonly #startMs = performance.now();
  readonly #startCpu = process.cpuUsage();
  readonly #sums: Record<string, number> = {};
  #count = 0;
  #learningRate = 0;

  add(report: StepReport, dataWaitMs: number): void {
    this.#count++;
    this.#learningRate = report.learningRate;
    const { loss, metrics, gradientNorm, durationMs, optimizerMs } = report;
    const values = { loss, ...metrics, gradientNorm, stepMs: durationMs, optimizerMs, dataWaitMs };
    for (const [name, value] of Object.entries(values)) this.#sums[name] = (this.#sums[name] ?? 0) + value;
  }

  /** The scalars of a row of metrics. */
  row(samplesPerStep: number): Record<string, number> {
    const means = Object.fromEntries(Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#count]));
    const elapsedS = (performance.now() - this.#startMs) / 1000;
    const { user, system } = process.cpuUsage(this.#startCpu);
    return {
      ...means,
      learningRate: this.#learningRate,
      samplesPerS: (this.#count * samplesPerStep) / elapsedS,
      // Cores kept busy by the whole process, engine and data threads included.
      cpuCores: (user + system) / 1e6 / elapsedS,
      memoryMb: process.memoryUsage.rss() / 2 ** 20,
    };
  }
}
