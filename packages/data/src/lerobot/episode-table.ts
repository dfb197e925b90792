/** Where one episode's rows and video lie. Files are relative to the dataset's root. */
export interface EpisodePlace {
  readonly dataFile: string;
  /** First row in that file. */
  readonly rowStart: number;
  /** Video file of a camera, and the second in it at which the episode begins. */
  video(camera: string): { readonly file: string; readonly fromS: number };
}

/** The episode list of a LeRobot dataset in a few flat arrays: about 40 bytes an episode. */
export interface EpisodeTable {
  /** Ascending. */
  readonly episodeIndices: Int32Array;
  /** Frames of each, by position in `episodeIndices`. */
  readonly nFrames: Int32Array;
  task(position: number): string;
  place(position: number): EpisodePlace;
  /** Data files the list names, each once. */
  dataFiles(): Iterable<string>;
}

/** Stores each text once: a dataset repeats few instructions many times. */
export class TextPool {
  readonly texts: string[] = [];
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.#ids.set(text, id);
    }
    return id;
  }
}

/** Position of an episode index in the ascending list, -1 where it is not there. */
export function positionOf(episodeIndices: Int32Array, episodeIndex: number): number {
  let low = 0;
  let high = episodeIndices.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = episodeIndices[middle]!;
    if (value === episodeIndex) return middle;
    if (value < episodeIndex) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
