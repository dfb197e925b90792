import { encodeImage } from "@pixelvla/data";
import { serverDraining } from "../errors.ts";
import type { ServedObservation } from "../observation/read-observation.ts";
import type { ServedPrompt } from "../observation/visual-prompt.ts";

/** The first frame of the newest episode, for a person who draws a prompt on it. */
export interface FirstFrame {
  readonly episode: number;
  readonly session: string;
  readonly instruction: string;
  readonly image: ServedObservation["image"];
}

/**
 * Where prompts that come by HTTP wait for the next episode. With a waiting time, an episode's first frame is held until a prompt is
 * there, so that somebody can draw it on that very frame.
 */
export class PromptDesk {
  readonly #waitMs: number;
  #next: ServedPrompt | undefined;
  #first: FirstFrame | undefined;
  #nEpisodes = 0;
  readonly #holders = new Set<() => void>();
  readonly #closing = new AbortController();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** The prompt that the next episode will get. */
  get next(): ServedPrompt | undefined {
    return this.#next;
  }

  get firstFrame(): FirstFrame | undefined {
    return this.#first;
  }

  /** Whether an episode waits for its prompt. */
  get isAwaited(): boolean {
    return this.#holders.size > 0;
  }

  set(prompt: ServedPrompt | undefined): void {
    this.#next = prompt;
    if (prompt === undefined) return;
    const [first] = this.#holders;
    first?.();
  }

  /**
   * Called with an episode's first frame; gives the prompt that was set for it. Each is used once. A frame that brings a prompt of its own
   * (`isPrompted`) waits for nobody.
   * @throws PVLA_SERVE_DRAINING for a frame that waits, or would have to, when the server goes down: nobody will draw on it any more
   */
  async take(
    frame: Omit<FirstFrame, "episode">,
    isPrompted: boolean,
    signal: AbortSignal,
  ): Promise<ServedPrompt | undefined> {
    this.#first = { ...frame, episode: this.#nEpisodes++ };
    const waits = this.#next === undefined && !isPrompted && this.#waitMs > 0 && !signal.aborted;
    if (waits) {
      await this.#hold(AbortSignal.any([signal, this.#closing.signal]));
      if (this.#closing.signal.aborted && this.#next === undefined) throw serverDraining();
    }
    const prompt = this.#next;
    this.#next = undefined;
    return prompt;
  }

  /** Holds no frame any longer. */
  close(): void {
    this.#closing.abort();
  }

  async firstFramePng(): Promise<Uint8Array | undefined> {
    const image = this.#first?.image;
    if (image === undefined) return undefined;
    if ("encoded" in image) return image.encoded;
    return (await encodeImage(image, "png")).bytes;
  }

  #hold(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", go);
        this.#holders.delete(go);
        resolve();
      };
      const timer = setTimeout(go, this.#waitMs);
      signal.addEventListener("abort", go, { once: true });
      this.#holders.add(go);
    });
  }
}
