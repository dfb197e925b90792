/** The argument every verb shares. */
export const jsonArg = {
  json: { type: "boolean", default: false, description: "Print the result as JSON, and progress as JSON lines" },
} as const;

/**
 * Prints a verb's result on stdout: `value` as one JSON document with `--json`, else what `text` gives.
 * Typed arrays come out as plain arrays, NaN and infinities as null.
 */
export function printResult(json: boolean, value: unknown, text: () => string): void {
  const output = json ? JSON.stringify(value, jsonSafe, 2) : text();
  process.stdout.write(output.endsWith("\n") ? output : `${output}\n`);
}

function jsonSafe(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>);
  if (typeof value === "bigint") return Number(value);
  return value;
}

/** Columns aligned with two spaces between them; numbers to the right. The first row is the heading. */
export function formatTable(rows: readonly (readonly (string | number)[])[]): string {
  const nColumns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: nColumns }, (_, c) =>
    Math.max(...rows.map((row) => String(row[c] ?? "").length)),
  );
  const isNumeric = widths.map((_, c) =>
    rows.slice(1).every((row) => row[c] === undefined || /^[-\d.,%]*$/.test(String(row[c]))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, c) => (isNumeric[c] ? String(cell).padStart(widths[c]!) : String(cell).padEnd(widths[c]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `8h44m`, `3m05s`, `12s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = whole % 60;
  if (h > 0) return `${h}h${String(m).padStart(2, "0")}m`;
  return m > 0 ? `${m}m${String(s).padStart(2, "0")}s` : `${s}s`;
}
