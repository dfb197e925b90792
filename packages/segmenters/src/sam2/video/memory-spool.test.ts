import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { MemorySpool } from "./memory-spool.ts";

const LENGTH = 100;
const entry = (seed: number) => Uint16Array.from({ length: LENGTH }, (_, i) => (i * 31 + seed * 977) % 65536);
const KEPT_BYTES = 3 * 2 * LENGTH;

test("entries beyond the limit go to a file and come back as they were, in any order", async () => {
  const spool = new MemorySpool(LENGTH, KEPT_BYTES);
  for (let id = 0; id < 20; id++) {
    expect(await spool.put(entry(id))).toBe(id);
    expect(spool.nKept).toBeLessThanOrEqual(3);
  }
  for (const id of [0, 19, 7, 7, 3, 18, 0, 11]) expect(await spool.get(id)).toEqual(entry(id));
  expect(spool.nKept).toBe(3);
  await spool.dispose();
});

test("an entry that replaces another is what is read, whether the old one was kept or written", async () => {
  const spool = new MemorySpool(LENGTH, KEPT_BYTES);
  for (let id = 0; id < 6; id++) await spool.put(entry(id));
  expect(await spool.put(entry(100), 0)).toBe(0);
  expect(await spool.put(entry(105), 5)).toBe(5);
  for (const id of [1, 2, 3, 4]) expect(await spool.get(id)).toEqual(entry(id));
  expect(await spool.get(0)).toEqual(entry(100));
  expect(await spool.get(5)).toEqual(entry(105));
  // New entries get numbers of their own.
  expect(await spool.put(entry(6))).toBe(6);
  await spool.dispose();
});

test("without overflow no file is made, and disposing removes the one that was", async () => {
  const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("pixelvla-memory-"));
  const before = await folders();
  const small = new MemorySpool(LENGTH, KEPT_BYTES);
  for (let id = 0; id < 3; id++) await small.put(entry(id));
  const large = new MemorySpool(LENGTH, KEPT_BYTES);
  for (let id = 0; id < 4; id++) await large.put(entry(id));
  const made = (await folders()).filter((name) => !before.includes(name));
  expect(made.length).toBeGreaterThanOrEqual(1);
  await small.dispose();
  await large.dispose();
  const left = await folders();
  expect(made.filter((name) => left.includes(name)).length).toBeLessThan(made.length);
});
