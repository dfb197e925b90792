import type { TrainEvent } from "@pixelvla/training";
import { formatDuration } from "../terminal/output.ts";
import type { Progress } from "../terminal/progress.ts";

/** Renders a training run's events as progress lines. */
export function trainView(progress: Progress): (event: TrainEvent) => void {
  let baselineL1 = 0;
  return (event) => {
    switch (event.type) {
      case "opened":
        baselineL1 = event.baselineL1;
        progress.line(`dataset ${event.dataset}: ${event.nEpisodes} episodes, ${event.nFrames} frames`);
        progress.line(`best constant prediction: L1 ${event.baselineL1.toFixed(4)} (normalised)`);
        for (const text of event.damage) progress.line(text);
        return;
      case "built":
        progress.line(
          `policy: ${millions(event.parameters)} parameters, ${millions(event.trainableParameters)} train (${event.stage}); ` +
            `${((event.forwardFlops + event.backwardFlops) / 1e9).toFixed(1)} GFLOP a train step, ` +
            `${(event.peakActivationBytes / 2 ** 20).toFixed(0)} MB of activations`,
        );
        return;
      case "resumed":
        progress.line(`resumed at train step ${event.step}`);
        return;
      case "step": {
        const share = ((100 * event.recentLoss) / baselineL1).toFixed(0);
        const loss = event.isL1
          ? `L1 ${event.recentLoss.toFixed(4)} (${share} % of constant)`
          : `loss ${event.recentLoss.toFixed(4)}`;
        const note = `${loss}  lr ${event.learningRate.toExponential(1)}  ${event.msPerStep.toFixed(0)} ms/step`;
        progress.update({ done: event.step, total: event.steps, unit: "train steps", etaS: event.etaS, note });
        return;
      }
      case "halved":
        progress.line(
          `training L1 ${event.l1.toFixed(4)} fell below half of the best constant prediction's ${event.baselineL1.toFixed(4)} ` +
            `at train step ${event.step}, after ${formatDuration(event.workedS)}`,
        );
        return;
      case "evaluated":
        progress.line(
          `evaluation on "${event.split}" at train step ${event.step}: ${event.loss.toFixed(4)}, best ${event.best.toFixed(4)}`,
        );
        return;
      case "paused":
        progress.line(`paused at train step ${event.step}`);
        return;
      case "checkpoint":
        return;
      case "message":
        progress.line(event.text);
    }
  };
}

const millions = (count: number) => `${(count / 1e6).toFixed(2)} M`;
