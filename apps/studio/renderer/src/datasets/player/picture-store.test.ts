import { expect, test } from "vitest";
import { neighbours, PictureStore, type Picture } from "./picture-store.ts";

interface TestPicture extends Picture {
  readonly frameIndex: number;
  isClosed: boolean;
}

function testStore(budgetPictures: number, maxPrefetch = 2) {
  const made: TestPicture[] = [];
  const asked: number[] = [];
  const waiting: (() => void)[] = [];
  const store = new PictureStore<TestPicture>({
    nFrames: 100,
    budgetBytes: budgetPictures * 400,
    maxPrefetch,
    fetch: async (frameIndex) => {
      asked.push(frameIndex);
      await new Promise<void>((resolve) => waiting.push(resolve));
      const picture = { frameIndex, width: 10, height: 10, isClosed: false, close: () => (picture.isClosed = true) };
      made.push(picture);
      return picture;
    },
  });
  const arrive = async () => {
    for (const resolve of waiting.splice(0)) resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { store, made, asked, arrive };
}

test("two callers share one fetch", async () => {
  const { store, asked, arrive } = testStore(4);
  const both = Promise.all([store.load(3), store.load(3)]);
  await arrive();
  const [a, b] = await both;
  expect(a).toBe(b);
  expect(asked).toEqual([3]);
  expect(store.get(3)).toBe(a);
});

test("the budget holds: pictures used longest ago are closed", async () => {
  const { store, made, arrive } = testStore(2);
  for (const frame of [0, 1]) {
    const loaded = store.load(frame);
    await arrive();
    await loaded;
  }
  store.get(0);
  const third = store.load(2);
  await arrive();
  await third;
  expect(made.map(({ frameIndex, isClosed }) => [frameIndex, isClosed])).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ]);
  expect(store.bytes).toBe(800);
});

test("prefetch runs a few at a time and a new wish replaces the old", async () => {
  const { store, asked, arrive } = testStore(50);
  store.prefetch([1, 2, 3, 4]);
  expect(asked).toEqual([1, 2]);
  store.prefetch([8, 9, 200]);
  await arrive();
  expect(asked).toEqual([1, 2, 8, 9]);
  await arrive();
  expect(asked).toEqual([1, 2, 8, 9]);
});

test("closing frees what is held and what still arrives", async () => {
  const { store, made, arrive } = testStore(50);
  const first = store.load(0);
  await arrive();
  await first;
  const late = store.load(1);
  const refused = expect(late).rejects.toThrow("left");
  store.close();
  await arrive();
  await refused;
  expect(made.every(({ isClosed }) => isClosed)).toBe(true);
  expect(store.bytes).toBe(0);
});

test("neighbours are nearest first and inside the episode", () => {
  expect(neighbours(0, 4)).toEqual([1, 2, 3]);
  expect(neighbours(5, 100, 4)).toEqual([6, 4, 7, 3, 8, 9]);
});
