import { rememberedStore } from "../../store/remembered.ts";
import type { Store } from "../../store/store.ts";

/** A decision or its undoing on the way to the host. */
export type Outgoing = {
  readonly storeId: string;
  readonly episodeIndex: number;
  readonly author: string;
} & (
  | { readonly kind: "decide"; readonly decision: "accepted" | "rejected" | "hard"; readonly note: string }
  | { readonly kind: "undo"; readonly reviewId: string | undefined }
);

/** What came of a message: acknowledged, refused for good, or not delivered. */
export type Delivery = "acknowledged" | "refused" | "undelivered";

interface OutboxOptions {
  /** Delivers one message. It is called with one at a time, in order. */
  readonly deliver: (message: Outgoing) => Promise<Delivery>;
  readonly store?: Store<readonly Outgoing[]>;
  /** Pause before an undelivered message is tried again, ms. */
  readonly retryMs?: number;
}

/**
 * Decisions that the host has not acknowledged yet, kept over a reload of the page and a restart of the host. The reviewer never waits for
 * it; nothing leaves it but by the host's word. Messages may arrive twice, so they must be such that this does no harm.
 */
export class Outbox {
  readonly waiting: Store<readonly Outgoing[]>;
  readonly #deliver: OutboxOptions["deliver"];
  readonly #retryMs: number;
  #isSending = false;

  constructor({ deliver, store, retryMs = 500 }: OutboxOptions) {
    this.waiting = store ?? rememberedStore<readonly Outgoing[]>("review-outbox", []);
    this.#deliver = deliver;
    this.#retryMs = retryMs;
    void this.flush();
  }

  add(message: Outgoing): void {
    this.waiting.set([...this.waiting.get(), message]);
    void this.flush();
  }

  /** Sends what waits, until nothing does. */
  async flush(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.waiting.get()[0]; next !== undefined; next = this.waiting.get()[0]) {
        const delivery = await this.#deliver(next).catch((): Delivery => "undelivered");
        if (delivery === "undelivered") await new Promise((resolve) => setTimeout(resolve, this.#retryMs));
        else this.waiting.set(this.waiting.get().slice(1));
      }
    } finally {
      this.#isSending = false;
    }
  }
}
