import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { thisHost } from "../process-identity.ts";
import { encodeEvent, type TensorBoardEvent } from "./event.ts";
import { tfRecord } from "./record.ts";

/** A TensorBoard event file in a job directory; `tensorboard --logdir runs` reads it while the job works. */
export class EventFile {
  readonly path: string;
  readonly #fd: number;

  /** @param resumeStep first step this process will write; TensorBoard drops later points of the killed process */
  constructor(dir: string, resumeStep?: number) {
    const wallTimeS = Date.now() / 1000;
    const stamp = String(Math.trunc(wallTimeS)).padStart(10, "0");
    this.path = join(dir, `events.out.tfevents.${stamp}.${thisHost()}.${process.pid}`);
    this.#fd = openSync(this.path, "a");
    this.#write({ wallTimeS, fileVersion: "brain.Event:2" });
    if (resumeStep !== undefined) this.#write({ wallTimeS, step: resumeStep, sessionStart: true });
  }

  scalars(step: number, scalars: Readonly<Record<string, number>>): void {
    this.#write({ wallTimeS: Date.now() / 1000, step, scalars });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(event: TensorBoardEvent): void {
    writeSync(this.#fd, tfRecord(encodeEvent(event)));
  }
}
