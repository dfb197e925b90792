import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** A number in [0, 1) that is the same in every run of the tests. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const states = ["done", "done", "failed", "stopped", "done", "queued", "paused"] as const;
const rates = [1e-3, 5e-4, 1e-4];

/**
 * Writes `n` job directories as finished training runs leave them, with curves of the shape that training has. They are for looking at
 * lists and charts; what trains for real is tested with real runs.
 */
export function writeRuns(workspace: string, n: number, nPoints = 300): void {
  for (let run = 0; run < n; run++) {
    const state = states[run % states.length]!;
    const rate = rates[run % rates.length]!;
    const dir = join(workspace, "runs", `tiny-lr${rate}-seed${run}`);
    mkdirSync(dir, { recursive: true });
    const when = new Date(Date.UTC(2026, 0, 1) + run * 3_600_000).toISOString();
    const next = random(run + 1);
    const total = 1200;
    const lines: string[] = [];
    for (let point = 1; point <= (state === "queued" ? 0 : nPoints); point++) {
      const step = Math.round((point / nPoints) * total);
      const loss = 0.12 + 0.7 * Math.exp(-step * rate * 6) + 0.04 * (next() - 0.5);
      const learningRate = rate * Math.min(1, step / 50) * (0.5 + 0.5 * Math.cos((Math.PI * step) / total));
      lines.push(
        JSON.stringify({
          step,
          timeS: step * 0.31,
          loss,
          learningRate,
          gradNorm: 1.2 * Math.exp(-step / 300) + 0.2 * next(),
          samplesPerS: 48 + 4 * next(),
        }),
      );
    }
    writeFileSync(join(dir, "metrics.jsonl"), lines.map((line) => `${line}\n`).join(""));
    const overrides = { "training.optimizer.learningRate": rate, seed: run };
    writeFileSync(
      join(dir, "config.yaml"),
      JSON.stringify({
        recipe: { name: "openvla-tiny" },
        dataset: { name: "bridge_dataset" },
        seed: run,
        training: { steps: total, optimizer: { learningRate: rate } },
        overrides,
      }),
    );
    writeFileSync(
      join(dir, "log.txt"),
      lines
        .filter((_, index) => index % 20 === 0)
        .map((line) => `${line}\n`)
        .join(""),
    );
    const done = state === "queued" ? 0 : state === "failed" ? 310 : total;
    const status = {
      version: 1,
      kind: "train",
      state,
      pid: null,
      host: hostname(),
      createdAt: when,
      startedAt: when,
      heartbeatAt: when,
      endedAt: state === "queued" ? null : when,
      workedS: 380,
      phase: null,
      progress: { done, total, unit: "train steps", ratePerS: 3.2, etaS: 0 },
      error:
        state === "failed"
          ? {
              code: "PVLA_NAN_LOSS",
              message: "Training: the loss became NaN at train step 310. Lower the learning rate.",
            }
          : null,
    };
    writeFileSync(join(dir, "status.json"), JSON.stringify(status));
  }
}
