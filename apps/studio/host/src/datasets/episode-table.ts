import type { AnnotationState, EpisodeFilter, EpisodeQuery, EpisodeRow } from "@pixelvla/studio-contract";
import { annotationStates } from "@pixelvla/studio-contract";

/** What is listed of one episode. */
export interface EpisodeEntry {
  readonly episodeIndex: number;
  readonly split: string;
  readonly nFrames: number;
  readonly task: string;
}

/** A list of distinct strings, and the number of each. */
class Dictionary {
  readonly values: string[] = [];
  readonly #codes = new Map<string, number>();

  code(value: string): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.values.push(value);
      this.#codes.set(value, code);
    }
    return code;
  }
}

/**
 * All episodes of a dataset in columns, so that 160,000 of them filter and sort in milliseconds. Grows while the dataset is being
 * listed. Rows keep the listing order; everything else is an array of row numbers.
 */
export class EpisodeTable {
  readonly tasks = new Dictionary();
  readonly splits = new Dictionary();
  #n = 0;
  #episodeIndex = new Int32Array(1024);
  #nFrames = new Int32Array(1024);
  #task = new Int32Array(1024);
  #split = new Int32Array(1024);
  #annotation = new Uint8Array(1024);
  readonly #rowOf = new Map<number, number>();

  get nRows(): number {
    return this.#n;
  }

  add({ episodeIndex, nFrames, task, split }: EpisodeEntry): void {
    if (this.#n === this.#episodeIndex.length) this.#grow();
    const row = this.#n++;
    this.#episodeIndex[row] = episodeIndex;
    this.#nFrames[row] = nFrames;
    this.#task[row] = this.tasks.code(task);
    this.#split[row] = this.splits.code(split);
    this.#rowOf.set(episodeIndex, row);
  }

  /** Says what is known about the annotations of an episode; unknown episodes are passed over. */
  setAnnotation(episodeIndex: number, state: AnnotationState): void {
    const row = this.#rowOf.get(episodeIndex);
    if (row !== undefined) this.#annotation[row] = annotationStates.indexOf(state);
  }

  row(row: number): EpisodeRow {
    return {
      episodeIndex: this.#episodeIndex[row]!,
      split: this.splits.values[this.#split[row]!]!,
      nFrames: this.#nFrames[row]!,
      task: this.tasks.values[this.#task[row]!]!,
      annotation: annotationStates[this.#annotation[row]!]!,
    };
  }

  /** The row of an episode; undefined where it is not (yet) listed. */
  find(episodeIndex: number): number | undefined {
    return this.#rowOf.get(episodeIndex);
  }

  /** Episode index at a row; undefined outside the list. */
  episodeAt(row: number): number | undefined {
    return row >= 0 && row < this.#n ? this.#episodeIndex[row] : undefined;
  }

  nFramesAt(row: number): number {
    return this.#nFrames[row]!;
  }
  taskCodeAt(row: number): number {
    return this.#task[row]!;
  }
  splitCodeAt(row: number): number {
    return this.#split[row]!;
  }
  annotationAt(row: number): AnnotationState {
    return annotationStates[this.#annotation[row]!]!;
  }

  /** Rows that `filter` keeps, in listing order. */
  matching(filter: EpisodeFilter): Int32Array {
    const words = filter.search
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const asNumber = /^\d+$/.test(filter.search.trim()) ? Number(filter.search) : -1;
    const wanted = new Set(filter.tasks);
    const isTaskKept = this.tasks.values.map((task) => {
      if (wanted.size > 0 && !wanted.has(task)) return false;
      const text = task.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const isTaskWanted = this.tasks.values.map((task) => wanted.size === 0 || wanted.has(task));
    const isSplitKept = this.splits.values.map((split) => filter.splits.length === 0 || filter.splits.includes(split));
    const isAnnotationKept = annotationStates.map(
      (state) => filter.annotation.length === 0 || filter.annotation.includes(state),
    );
    const { minFrames = 0, maxFrames = Infinity } = filter;
    const rows = new Int32Array(this.#n);
    let n = 0;
    for (let row = 0; row < this.#n; row++) {
      const nFrames = this.#nFrames[row]!;
      if (nFrames < minFrames || nFrames > maxFrames) continue;
      if (!isSplitKept[this.#split[row]!]! || !isAnnotationKept[this.#annotation[row]!]!) continue;
      const task = this.#task[row]!;
      if (!isTaskKept[task]! && !(asNumber === this.#episodeIndex[row] && isTaskWanted[task]!)) continue;
      rows[n++] = row;
    }
    return rows.subarray(0, n);
  }

  /** Sorts rows in place; equal ones keep the listing order in both directions. */
  sort(rows: Int32Array, { by, direction }: EpisodeQuery["sort"]): void {
    const rank = this.#ranks(by);
    const sign = direction === "ascending" ? 1 : -1;
    rows.sort((a, b) => sign * (rank(a) - rank(b)) || a - b);
  }

  #ranks(by: EpisodeQuery["sort"]["by"]): (row: number) => number {
    if (by === "episodeIndex") return (row) => this.#episodeIndex[row]!;
    if (by === "nFrames") return (row) => this.#nFrames[row]!;
    if (by === "annotation") return (row) => this.#annotation[row]!;
    const [column, values] = by === "task" ? [this.#task, this.tasks.values] : [this.#split, this.splits.values];
    const order = values.map((_, code) => code).sort((a, b) => compareText(values[a]!, values[b]!));
    const rankOf = new Int32Array(values.length);
    order.forEach((code, rank) => (rankOf[code] = rank));
    return (row) => rankOf[column[row]!]!;
  }

  #grow(): void {
    const larger = <T extends Int32Array | Uint8Array>(column: T, empty: T): T => {
      empty.set(column);
      return empty;
    };
    const n = this.#episodeIndex.length * 2;
    this.#episodeIndex = larger(this.#episodeIndex, new Int32Array(n));
    this.#nFrames = larger(this.#nFrames, new Int32Array(n));
    this.#task = larger(this.#task, new Int32Array(n));
    this.#split = larger(this.#split, new Int32Array(n));
    this.#annotation = larger(this.#annotation, new Uint8Array(n));
  }
}

const { compare: compareText } = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
