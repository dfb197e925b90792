import { appendFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MetricsFiles } from "./metrics-files.ts";
import { MetricsStore } from "./metrics-store.ts";

const N_ROWS = 6000;
const KEYS = ["step", "loss", "gradNorm"];

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "metrics-files-"));
  path = join(dir, "metrics.jsonl");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A host's reader as after a start: nothing in memory, only what the store holds. */
const started = () => new MetricsFiles(64 << 20, new MetricsStore(join(dir, "store")));
const row = (step: number, scale = 1) => ({
  step,
  loss: scale / (step + 1),
  note: "warm, {up}",
  gradNorm: scale * step,
});
const text = (first: number, end: number, scale = 1) =>
  Array.from({ length: end - first }, (_, i) => `${JSON.stringify(row(first + i, scale))}\n`).join("");
/** What the file holds, by JSON.parse. */
const truth = (end: number, key: "step" | "loss" | "gradNorm", scale = 1) =>
  Array.from({ length: end }, (_, step) => row(step, scale)[key]);

function expectRows(files: MetricsFiles, end: number, scale = 1): void {
  const columns = files.read(path, KEYS);
  expect(columns.nRows).toBe(end);
  for (const key of ["step", "loss", "gradNorm"] as const) {
    const found = columns.column(key);
    expect(truth(end, key, scale).every((value, i) => Math.abs(value - found[i]!) <= 4e-15 * Math.abs(value))).toBe(
      true,
    );
  }
  const glanced = files.glance(path, [...KEYS, "absent"]);
  KEYS.forEach((key, i) => expect(glanced[i]).toEqual(columns.column(key)));
  expect(glanced[3]).toEqual(new Float64Array(end).fill(NaN));
  expect(files.spans(path, "step", ["loss", "absent"])).toEqual([[0, end - 1], null]);
}

test("after a restart the stored columns hold what the metrics file holds", () => {
  writeFileSync(path, text(0, N_ROWS));
  expectRows(started(), N_ROWS);
  expect(readdirSync(join(dir, "store"))).toHaveLength(1);
  expectRows(started(), N_ROWS);
  const lossOnly = started().read(path, ["loss", "absent"]);
  expect(lossOnly.column("loss")[7]).toBe(1 / 8);
  expect(lossOnly.column("absent").every(Number.isNaN)).toBe(true);
});

test("stored columns are really what is read", () => {
  writeFileSync(path, text(0, N_ROWS));
  started().read(path, KEYS);
  const store = new MetricsStore(join(dir, "store"));
  const { columns, mark } = store.read(path, KEYS)!;
  columns.column("loss")[3] = 42;
  store.write(path, columns, mark);
  expect(started().read(path, KEYS).column("loss")[3]).toBe(42);
});

test("rows appended while a host runs and between two hosts are seen, a half-written one when it is whole", () => {
  writeFileSync(path, text(0, N_ROWS));
  const host = started();
  expectRows(host, N_ROWS);
  appendFileSync(path, text(N_ROWS, N_ROWS + 100).slice(0, -5));
  expectRows(host, N_ROWS + 99);
  expectRows(started(), N_ROWS + 99);
  appendFileSync(path, text(N_ROWS, N_ROWS + 100).slice(-5));
  expectRows(started(), N_ROWS + 100);
});

test("a metrics file written anew in place, or shortened, is read again", () => {
  writeFileSync(path, text(0, N_ROWS));
  expectRows(started(), N_ROWS);
  writeFileSync(path, text(0, N_ROWS + 50, 3));
  expectRows(started(), N_ROWS + 50, 3);
  truncateSync(path, text(0, N_ROWS - 1000, 3).length);
  expectRows(started(), N_ROWS - 1000, 3);
});

test("a damaged, shortened or foreign stored file is as good as none", () => {
  writeFileSync(path, text(0, N_ROWS));
  expectRows(started(), N_ROWS);
  const stored = join(dir, "store", readdirSync(join(dir, "store"))[0]!);
  truncateSync(stored, 100_000);
  expectRows(started(), N_ROWS);
  writeFileSync(stored, "not a table");
  expectRows(started(), N_ROWS);
});

test("a file of few rows after one of many gives its own rows", () => {
  writeFileSync(path, text(0, N_ROWS));
  const other = join(dir, "other.jsonl");
  writeFileSync(other, text(0, 5000, 3));
  const files = started();
  for (const at of [path, other, path, other]) files.spans(at, "step", ["loss"]);
  expect(files.glance(path, ["loss"])[0]).toHaveLength(N_ROWS);
  const [loss] = files.glance(other, ["loss"]);
  expect([loss!.length, loss![4999]]).toEqual([5000, 3 / 5000]);
});

test("a link that was put in the file's place is not followed", () => {
  const secret = join(dir, "secret.jsonl");
  writeFileSync(secret, text(0, N_ROWS));
  symlinkSync(secret, path);
  const files = started();
  expect(files.read(path, KEYS).nRows).toBe(0);
  expect(files.glance(path, KEYS)[0]).toHaveLength(0);
  expect(files.spans(path, "step", ["loss"])).toEqual([null]);
});

test("the store is cut down to its limit", () => {
  writeFileSync(path, text(0, N_ROWS));
  started().read(path, KEYS);
  const store = new MetricsStore(join(dir, "store"));
  store.prune(10 << 20);
  expect(readdirSync(join(dir, "store"))).toHaveLength(1);
  store.prune(1000);
  expect(readdirSync(join(dir, "store"))).toHaveLength(0);
});
