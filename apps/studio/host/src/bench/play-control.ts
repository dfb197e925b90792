import { setTimeout as sleep } from "node:timers/promises";
import type { ToRollout } from "./rollout-messages.ts";

/** Where the user drags an object to. */
export interface Push {
  readonly objectId: string;
  readonly xM: number;
  readonly yM: number;
}

/** Pace of a watched rollout: it rests while paused, takes single steps, and keeps a least time between two. */
export class PlayControl {
  readonly #stepMs: number;
  #isPaused: boolean;
  #allowance = 0;
  #wake: () => void = () => undefined;
  #lastMs = 0;
  #push: Push | undefined;

  constructor({ stepMs, isPaused }: { readonly stepMs: number; readonly isPaused: boolean }) {
    this.#stepMs = stepMs;
    this.#isPaused = isPaused;
  }

  /** What the user pushes now. */
  get push(): Push | undefined {
    return this.#push;
  }

  obey(command: ToRollout): void {
    if (command.kind === "pause") this.#isPaused = true;
    else if (command.kind === "play") this.#isPaused = false;
    else if (command.kind === "step") {
      this.#isPaused = true;
      this.#allowance++;
    } else this.#push = command.kind === "push" ? command : undefined;
    this.#wake();
  }

  /** Resolves when the next env step may be taken. */
  async turn(): Promise<void> {
    while (this.#isPaused && this.#allowance === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#isPaused) this.#allowance--;
    const waitMs = this.#lastMs + this.#stepMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    this.#lastMs = performance.now();
  }
}
