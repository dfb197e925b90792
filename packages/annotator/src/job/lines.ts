import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const CHUNK = 1 << 20;

/** One whole line of a file, without its end, and the byte where the next begins. */
export interface Line {
  readonly text: string;
  readonly end: number;
}

/** Whole lines of a file in bounded memory; a last line without an end is not given. No file: no lines. */
export function* wholeLines(path: string): Generator<Line> {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(1, size)));
    let rest: Buffer[] = [];
    let at = 0;
    let read: number;
    while ((read = readSync(fd, chunk, 0, chunk.length, at)) > 0) {
      let from = 0;
      for (let end = chunk.indexOf(10, from); end !== -1 && end < read; end = chunk.indexOf(10, from)) {
        const piece = Buffer.from(chunk.subarray(from, end));
        yield { text: Buffer.concat([...rest, piece]).toString("utf8"), end: at + end + 1 };
        rest = [];
        from = end + 1;
      }
      if (from < read) rest.push(Buffer.from(chunk.subarray(from, read)));
      at += read;
    }
  } finally {
    closeSync(fd);
  }
}
