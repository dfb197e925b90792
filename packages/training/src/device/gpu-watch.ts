import { gpuStates, type GpuState } from "./nvidia-smi.ts";

const POLL_MS = 5000;

/** Asks `nvidia-smi` every few seconds while a run works, off its path; where there is no GPU it asks once. */
export class GpuWatch {
  readonly #read: () => Promise<GpuState[]>;
  #latest: readonly GpuState[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(read: () => Promise<GpuState[]> = gpuStates) {
    this.#read = read;
    void this.#ask();
  }

  /** Scalars of a metrics row: load in [0, 1] and memory in MB of each GPU, as last seen. */
  scalars(): Record<string, number> {
    const several = this.#latest.length > 1;
    return Object.fromEntries(
      this.#latest.flatMap(({ utilisation, usedBytes }, i) => {
        const name = several ? `gpu${i}` : "gpu";
        return [
          [`${name}Utilisation`, utilisation],
          [`${name}MemoryMb`, usedBytes / 2 ** 20],
        ];
      }),
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isClosed = true;
  }

  #isClosed = false;

  async #ask(): Promise<void> {
    this.#latest = await this.#read();
    if (this.#latest.length === 0 || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#ask(), POLL_MS);
    this.#timer.unref();
  }
}
