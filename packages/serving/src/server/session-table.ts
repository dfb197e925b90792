import type { ClientSession } from "./client-session.ts";

/** Sessions of clients without a connection of their own, the least recently used forgotten first. */
export class SessionTable {
  readonly #limit: number;
  readonly #sessions = new Map<string, ClientSession>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(id: string, create: (id: string) => ClientSession): ClientSession {
    const session = this.#sessions.get(id) ?? create(id);
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    for (const [oldest, forgotten] of this.#sessions) {
      if (this.#sessions.size <= this.#limit) break;
      this.#sessions.delete(oldest);
      forgotten.end();
    }
    return session;
  }
}
