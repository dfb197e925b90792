import { totalmem } from "node:os";
import { gpuStates } from "../device/nvidia-smi.ts";
import { finding, type Examination } from "./examination.ts";
import type { DoctorFinding } from "./report.ts";

/** Share of the device's memory above which a run is likely to be killed by something else on it. */
const TIGHT = 0.7;
const GIB = 2 ** 30;

/** Widths of actions and states, and the camera. */
export function checkWidths({ recipe: { recipe, training }, dataset: { info } }: Examination): DoctorFinding {
  const { actionDim, stateDim } = recipe;
  const camera = training.data.camera ?? info.primaryCamera;
  if (info.actionNames.length !== actionDim)
    return finding(
      "widths",
      "fail",
      `The recipe predicts ${actionDim} action dimensions, the dataset has ${info.actionNames.length}.`,
      `Set actionDim to ${info.actionNames.length}`,
    );
  if (stateDim !== 0 && info.stateNames.length !== stateDim)
    return finding(
      "widths",
      "fail",
      `The recipe reads ${stateDim} state dimensions, the dataset has ${info.stateNames.length}.`,
      `Set stateDim to ${info.stateNames.length}, or to 0 to read none`,
    );
  if (camera === undefined || !info.cameras.some(({ key }) => key === camera))
    return finding(
      "widths",
      "fail",
      camera === undefined ? "No camera is marked as the third-person one." : `There is no camera "${camera}".`,
      `Set training.data.camera to one of: ${info.cameras.map(({ key }) => key).join(", ") || "none"}`,
    );
  const state = stateDim === 0 ? "no state" : `${stateDim} state dimensions`;
  return finding("widths", "pass", `${actionDim} action dimensions, ${state}, camera "${camera}".`);
}

/** The memory of a train step against the device's: weights, activations, gradients, optimizer, and decoded images on the host. */
export async function checkMemory({ built, recipe: { training } }: Examination): Promise<DoctorFinding | undefined> {
  if (built === undefined) return undefined;
  const { total, peakActivationBytes, gradientBytes, optimizerBytes } = built.cost;
  const step = total.weightBytes + peakActivationBytes + gradientBytes + optimizerBytes;
  const images = training.data.cacheMb * 2 ** 20;
  const isGpu = ["cuda", "tensorrt"].includes(training.provider);
  const gpu = isGpu ? (await gpuStates())[0] : undefined;
  if (isGpu && gpu === undefined)
    return finding("memory", "warn", `A train step needs about ${gib(step)}; nvidia-smi does not answer here.`);
  const limit = process.constrainedMemory();
  const machine = limit > 0 && limit < totalmem() ? limit : totalmem();
  const [needed, has, device] =
    gpu === undefined ? [step + images, machine, "this machine"] : [step, gpu.memoryBytes, gpu.name];
  const parts = `weights ${gib(total.weightBytes)}, activations ${gib(peakActivationBytes)}, gradients and optimizer ${gib(gradientBytes + optimizerBytes)}`;
  const reason = `The run needs about ${gib(needed)} of ${gib(has)} on ${device} (${parts}${gpu === undefined ? `, up to ${gib(images)} of pictures` : ""}).`;
  if (needed > has)
    return finding(
      "memory",
      "fail",
      reason,
      "Lower training.batchSize (and raise microBatches) or training.data.cacheMb",
    );
  return finding("memory", needed > TIGHT * has ? "warn" : "pass", reason);
}

const gib = (bytes: number) => `${(bytes / GIB).toFixed(2)} GiB`;
