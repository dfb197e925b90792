// Worker thread: plays or replays one episode and tells every env step. Physics, ray casting and the policy never touch the host's event loop.
import { parentPort, workerData } from "node:worker_threads";
import { PixelVlaError } from "@pixelvla/core";
import type { FromRollout, RolloutJob, ToRollout } from "./rollout-messages.ts";
import { PlayControl } from "./play-control.ts";
import { replay } from "./replay-rollout.ts";
import { watch } from "./watch-rollout.ts";

const job = workerData as RolloutJob;
const control = new PlayControl(job.kind === "watch" ? job : { stepMs: 0, isPaused: false });
const send = (message: FromRollout) => parentPort?.postMessage(message);

parentPort?.on("message", (command: ToRollout) => control.obey(command));

const play =
  job.kind === "watch" ? watch(job, control, (event) => send({ event })) : replay(job, (event) => send({ event }));
play
  .catch((error: unknown) => {
    const known = error instanceof PixelVlaError ? error : undefined;
    const fix = known?.facts["fix"];
    send({
      failure: {
        code: known?.code ?? "PVLA_STUDIO_ROLLOUT",
        message: error instanceof Error ? error.message : String(error),
        fix: typeof fix === "string" ? fix : undefined,
      },
    });
  })
  .finally(() => parentPort?.close());
