import { z } from "zod";

/** Which bytes of which metrics file a stored table holds. */
export interface MetricsMark {
  /** Device and inode: a file put in its place is another one. */
  readonly file: string;
  /** Bytes of whole lines read. */
  readonly offset: number;
  /** The last of those bytes in hexadecimal: a file written anew in place ends otherwise there. */
  readonly tail: string;
}

/** Bytes before the offset that a mark keeps. */
export const TAIL_BYTES = 256;

/** Where the columns begin. */
export const HEADER_BYTES = 64 << 10;

/** A header rarely is longer. */
export const FIRST_READ_BYTES = 4 << 10;

/** Where a metric's line begins and ends on an axis; null where no row has both. */
export type Span = [first: number, last: number] | null;

const spanSchema = z.tuple([z.number(), z.number()]).nullable();
const headerSchema = z.object({
  version: z.literal(2),
  file: z.string(),
  offset: z.int().nonnegative(),
  tail: z.string(),
  nRows: z.int().nonnegative(),
  keys: z.array(z.string()),
  spans: z.record(z.string(), z.object({ step: spanSchema, timeS: spanSchema })),
});

/** What a stored table holds: of which file, how many rows, which columns in which order, and where each metric begins and ends. */
export type MetricsHeader = z.output<typeof headerSchema>;

/** The header's bytes, one line of JSON and blanks; undefined where it has too many keys to fit. */
export function writtenHeader(header: MetricsHeader): Buffer | undefined {
  const bytes = Buffer.alloc(HEADER_BYTES, " ");
  return bytes.write(`${JSON.stringify(header)}\n`) < HEADER_BYTES ? bytes : undefined;
}

/** Undefined where `bytes` hold only its beginning. @throws where they hold something else */
export function parseHeader(bytes: Buffer): MetricsHeader | undefined {
  const end = bytes.indexOf("\n");
  return end < 0 ? undefined : headerSchema.parse(JSON.parse(bytes.toString("utf8", 0, end)));
}

/** x of the first and of the last point of a line. */
export function spanOf(x: Float64Array, y: Float64Array): Span {
  const isPoint = (i: number) => Number.isFinite(x[i]) && Number.isFinite(y[i]);
  let first = 0;
  while (first < x.length && !isPoint(first)) first++;
  if (first === x.length) return null;
  let last = x.length - 1;
  while (!isPoint(last)) last--;
  return [x[first]!, x[last]!];
}
