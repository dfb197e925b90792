import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskStore } from "./disk-store.ts";

const ROW_BYTES = 800;
const newRoot = () => mkdtempSync(join(tmpdir(), "pixelvla-prefix-"));
const key = (i: number) => (i + 1).toString(16).padStart(32, "0");
const row = (i: number) => Uint8Array.from({ length: ROW_BYTES }, (_, k) => (i * 31 + k * 7) % 256);
const open = (root: string, more: Partial<ConstructorParameters<typeof DiskStore>[0]> = {}) =>
  new DiskStore({ root, program: "p", rowBytes: ROW_BYTES, maxBytes: 10e6, ...more });

/** Segment files below the root, with their sizes. */
const files = (root: string) =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".rows"))
    .map((name) => join(root, name));
const total = (root: string) => files(root).reduce((sum, file) => sum + statSync(file).size, 0);

test("rows outlive the process that wrote them, and one that never closed", () => {
  const root = newRoot();
  const first = open(root);
  for (let i = 0; i < 30; i++) first.put(key(i), row(i));
  const beside = open(root); // the first is still at work
  expect(beside.get(key(29))).toEqual(row(29));
  expect(beside.get(key(30))).toBeUndefined();
  first.close();
  expect(total(root)).toBe(30 * (ROW_BYTES + 24)); // no room is kept that was not filled
  expect(open(root).report().rows).toBe(30);
});

test("another run's new rows are found without opening the cache again", () => {
  const root = newRoot();
  let nowMs = Date.now();
  const reader = open(root, { now: () => nowMs });
  const writer = open(root);
  writer.put(key(1), row(1));
  expect(reader.get(key(1))).toBeUndefined(); // looked a moment ago
  nowMs += 6000;
  expect(reader.get(key(1))).toEqual(row(1));
});

test("a damaged row does not exist, its neighbours do, and it can be kept anew", () => {
  const root = newRoot();
  const writer = open(root);
  for (let i = 0; i < 3; i++) writer.put(key(i), row(i));
  writer.close();
  const [file] = files(root);
  const bytes = readFileSync(file!);
  bytes[1 * (ROW_BYTES + 24) + 24 + 100]! ^= 1;
  writeFileSync(file!, bytes);
  const store = open(root);
  expect([0, 1, 2].map((i) => store.get(key(i))?.slice())).toEqual([row(0), undefined, row(2)]);
  expect(store.report().damaged).toBe(1);
  store.put(key(1), row(1));
  expect(store.get(key(1))).toEqual(row(1));
});

test("a row cut off by a kill does not exist", () => {
  const root = newRoot();
  const writer = open(root);
  for (let i = 0; i < 3; i++) writer.put(key(i), row(i));
  writer.close();
  truncateSync(files(root)[0]!, 2 * (ROW_BYTES + 24) + 300);
  expect(open(root).report().rows).toBe(2);
});

test("files of something else in the folder are left alone and harm nothing", () => {
  const root = newRoot();
  mkdirSync(join(root, "p"));
  writeFileSync(join(root, "p", "junk.rows"), "x".repeat(5000));
  const store = open(root);
  store.put(key(1), row(1));
  expect(store.get(key(1))).toEqual(row(1));
});

test("the folder may be removed while it is in use: rows are kept anew, in a new folder", () => {
  const root = newRoot();
  let nowMs = Date.now();
  const store = open(root, { now: () => nowMs });
  store.put(key(1), row(1));
  rmSync(root, { recursive: true });
  nowMs += 6000;
  expect(store.get(key(2))).toBeUndefined(); // looks, and sees that the folder is gone
  store.put(key(2), row(2));
  expect(store.get(key(2))).toEqual(row(2));
  store.close();
  expect(open(root).get(key(2))).toEqual(row(2));
});

test("the bound holds at every moment; when all is in use nothing more is stored, and says so", () => {
  const root = newRoot();
  const maxBytes = 200_000;
  const store = open(root, { maxBytes });
  for (let i = 0; i < 400; i++) {
    store.put(key(i), row(i));
    expect(total(root)).toBeLessThanOrEqual(maxBytes);
  }
  const { rows, closedBecause } = store.report();
  expect(rows).toBeGreaterThan(0.85 * (maxBytes / (ROW_BYTES + 24)));
  expect(rows).toBeLessThan(400);
  expect(closedBecause).toContain("maxGb");
  expect(store.get(key(0))).toEqual(row(0)); // what is there stays useful
});

test("a new program takes the room of the one unused for longest", () => {
  const root = newRoot();
  const maxBytes = 200_000;
  for (const [program, ageS] of [
    ["old", 3600],
    ["older", 7200],
  ] as const) {
    const store = open(root, { maxBytes, program });
    for (let i = 0; i < 115; i++) store.put(key(i), row(i));
    store.close();
    for (const file of files(join(root, program))) utimesSync(file, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS);
  }
  const store = open(root, { maxBytes, program: "new" });
  for (let i = 0; i < 60; i++) store.put(key(i), row(i));
  expect(store.report()).toMatchObject({ rows: 60, closedBecause: undefined });
  expect(total(root)).toBeLessThanOrEqual(maxBytes);
  expect(open(root, { program: "old" }).report().rows).toBe(115);
  expect(open(root, { program: "older" }).report().rows).toBeLessThan(80);
});
