import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { orderedMap } from "./ordered-map.ts";

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test("results come in the order of the source, with never more than the capacity in work", async () => {
  let inWork = 0;
  let most = 0;
  const mapped = orderedMap([5, 1, 4, 2, 3, 0], 3, async (n) => {
    most = Math.max(most, ++inWork);
    await sleep(n * 3);
    inWork--;
    return n * 10;
  });
  expect(await collect(mapped)).toEqual([50, 10, 40, 20, 30, 0]);
  expect(most).toBe(3);
});

test("a slow source does not hold back what is ready, and stages overlap", async () => {
  const seen: string[] = [];
  const source = (async function* () {
    yield 1;
    await sleep(60);
    seen.push("source goes on");
    yield 2;
  })();
  for await (const n of orderedMap(source, 4, (value) => Promise.resolve(value))) seen.push(`got ${n}`);
  expect(seen).toEqual(["got 1", "source goes on", "got 2"]);
});

test("an error comes at its place, after the results before it, and closes the source", async () => {
  let isClosed = false;
  const source = (async function* () {
    try {
      for (let i = 0; ; i++) yield await Promise.resolve(i);
    } finally {
      isClosed = true;
    }
  })();
  const seen: number[] = [];
  const read = async () => {
    const map = (n: number) => (n === 3 ? Promise.reject(new Error("three")) : Promise.resolve(n));
    for await (const n of orderedMap(source, 2, map)) seen.push(n);
  };
  await expect(read()).rejects.toThrow("three");
  expect([seen, isClosed]).toEqual([[0, 1, 2], true]);
});

test("leaving the stream early ends source and stages", async () => {
  let nMade = 0;
  const source = (async function* () {
    for (;;) yield await Promise.resolve(nMade++);
  })();
  const stages = orderedMap(
    orderedMap(source, 2, (n) => Promise.resolve(n)),
    2,
    (n) => Promise.resolve(n),
  );
  for await (const n of stages) if (n === 5) break;
  const made = nMade;
  await sleep(10);
  expect(nMade).toBe(made);
  expect(made).toBeLessThan(13);
});

test("an error of the source comes after what it gave", async () => {
  const source = (async function* () {
    yield await Promise.resolve(1);
    throw new Error("dry");
  })();
  const seen: number[] = [];
  const read = async () => {
    for await (const n of orderedMap(source, 2, (value) => Promise.resolve(value))) seen.push(n);
  };
  await expect(read()).rejects.toThrow("dry");
  expect(seen).toEqual([1]);
});
