import { overlapping } from "./errors.ts";

/** Lets a writer do one thing at a time: two additions at once would mix their buffers, and a commit would take half of one. */
export class OneAtATime {
  #doing: string | undefined;

  /** Does `work`. @param doing what it is, as an error says it @throws PVLA_PIXELS_OVERLAP while other work is under way */
  async run<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#doing !== undefined) throw overlapping(doing, this.#doing);
    this.#doing = doing;
    try {
      return await work();
    } finally {
      this.#doing = undefined;
    }
  }
}
