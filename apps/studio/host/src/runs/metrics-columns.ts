/** More keys than this are not read: a training run writes a dozen. */
const MAX_KEYS = 256;

/**
 * Reads `metrics.jsonl` into columns, the wanted ones or every key that held a number: a comparison of 1,000 runs reads ten million
 * lines. Plain JSON lines as the job writer makes them; a line that is something else is passed over.
 */
export class MetricsColumns {
  /** Rows read. */
  nRows = 0;
  /** `[nRows]` of each wanted key; NaN where a row lacks it or holds no number. */
  readonly columns: readonly Float64Array[];
  readonly keys: readonly string[];
  readonly #keys: string[];
  readonly #columns: Float64Array[];
  readonly #takesAll: boolean;
  /** Key names as bytes with the quotes, in the order of the last line: most lines repeat it. */
  readonly #order: { readonly quoted: Buffer; readonly column: number }[] = [];

  /** @param keys wanted keys; without them every key is taken up where it first holds a number */
  constructor(keys?: readonly string[]) {
    this.#takesAll = keys === undefined;
    this.keys = this.#keys = [...(keys ?? [])];
    this.columns = this.#columns = this.#keys.map(() => new Float64Array(256));
  }

  /** Columns read before, to go on from; `[nRows]` each, one a key. */
  static of(keys: readonly string[], columns: readonly Float64Array[], nRows: number): MetricsColumns {
    const made = new MetricsColumns(keys);
    made.nRows = nRows;
    columns.forEach((column, index) => (made.#columns[index] = column));
    return made;
  }

  /** Bytes held. */
  get sizeBytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** Values of one wanted key, `[nRows]`. */
  column(key: string): Float64Array {
    const index = this.#keys.indexOf(key);
    if (index < 0 && this.#takesAll) return new Float64Array(this.nRows).fill(NaN);
    if (index < 0) throw new Error(`internal: metric ${key} was not read`);
    return this.#columns[index]!.subarray(0, this.nRows);
  }

  /** Reads whole lines of `bytes` and returns how many bytes they were; a last line without an end is left. */
  append(bytes: Buffer): number {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#line(bytes, start, end);
      start = end + 1;
    }
    return start;
  }

  #line(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] !== OPEN) return;
    const row = this.nRows;
    while (row >= (this.#columns[0]?.length ?? Infinity)) this.#grow();
    for (const column of this.#columns) column[row] = NaN;
    if (bytes[end - 1] !== CLOSE) return;
    let at = start + 1;
    for (let ordinal = 0, nFound = 0; at < end; ordinal++) {
      if (bytes[at] !== QUOTE) return;
      const known = this.#order[ordinal];
      let column: number;
      if (known !== undefined && startsWith(bytes, at, known.quoted)) {
        column = known.column;
        at += known.quoted.length;
      } else {
        const close = endOfString(bytes, at, end);
        if (close < 0) return;
        const quoted = Buffer.from(bytes.subarray(at, close + 1));
        column = this.#columnOf(parseKey(quoted), bytes[close + 2], row);
        if (column !== ABSENT || !this.#takesAll) this.#order[ordinal] = { quoted, column };
        at = close + 1;
      }
      if (bytes[at] !== COLON) return;
      at++;
      const first = bytes[at]!;
      let stop = at;
      if (first === QUOTE) {
        stop = endOfString(bytes, at, end) + 1;
        if (stop === 0) return;
      } else while (stop < end && bytes[stop] !== COMMA && bytes[stop] !== CLOSE) stop++;
      if (stop >= end) return;
      if (column >= 0) {
        nFound++;
        if (startsNumber(first)) this.#columns[column]![row] = parseNumber(bytes, at, stop);
      }
      if (bytes[stop] === CLOSE || (nFound === this.#keys.length && !this.#takesAll)) {
        this.nRows++;
        return;
      }
      at = stop + 1;
    }
  }

  /** Index of the key's column; a new one where all are taken and its value, which starts with `first`, is a number. */
  #columnOf(key: string, first: number | undefined, row: number): number {
    const index = this.#keys.indexOf(key);
    if (index >= 0 || !this.#takesAll || this.#keys.length === MAX_KEYS || !startsNumber(first)) return index;
    const column = new Float64Array(this.#columns[0]?.length ?? Math.max(256, 2 * row)).fill(NaN);
    this.#columns.push(column);
    return this.#keys.push(key) - 1;
  }

  #grow(): void {
    for (const [index, column] of this.#columns.entries()) {
      const larger = new Float64Array(column.length * 2);
      larger.set(column);
      this.#columns[index] = larger;
    }
  }
}

const ABSENT = -1;
const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

const startsNumber = (first: number | undefined) =>
  first === MINUS || (first !== undefined && first >= ZERO && first <= NINE);

function startsWith(bytes: Buffer, at: number, prefix: Buffer): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

/** Position of the closing quote of the string that opens at `at`; -1 where there is none before `end`. */
function endOfString(bytes: Buffer, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i;
  }
  return -1;
}

function parseKey(quoted: Buffer): string {
  try {
    return String(JSON.parse(quoted.toString("utf8")));
  } catch {
    return "";
  }
}

const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** Further digits of a number change it by less than one part in 10^15: no curve shows that. */
const ENOUGH = 1e15;

/** A JSON number, to 15 digits: up to there a short decimal is one division of exact numbers, without making a string of it. */
function parseNumber(bytes: Buffer, start: number, end: number): number {
  let mantissa = 0;
  let nDecimals = 0;
  let isFraction = false;
  const isNegative = bytes[start] === MINUS;
  for (let i = isNegative ? start + 1 : start; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (mantissa >= ENOUGH && isFraction) continue;
      mantissa = mantissa * 10 + digit;
      if (isFraction) nDecimals++;
    } else if (bytes[i] === POINT && !isFraction) isFraction = true;
    else return Number(bytes.toString("latin1", start, end));
  }
  if (nDecimals > 22) return Number(bytes.toString("latin1", start, end));
  const value = mantissa / POWERS[nDecimals]!;
  return isNegative ? -value : value;
}
