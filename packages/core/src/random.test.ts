import { expect, test } from "vitest";
import { Random } from "./random.ts";

test("equal seeds give equal streams, other seeds others", () => {
  const draw = (seed: number | string) =>
    Array.from(
      { length: 8 },
      (
        (r) => () =>
          r.uint32()
      )(new Random(seed)),
    );
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(draw("a")).not.toEqual(draw("b"));
});

test("a restored state continues the stream exactly, the spare normal included", () => {
  const random = new Random(5);
  random.normal();
  const saved = random.save();
  const expected = [random.normal(), random.uniform(), random.integer(10)];
  const resumed = new Random(0);
  resumed.restore(saved);
  expect([resumed.normal(), resumed.uniform(), resumed.integer(10)]).toEqual(expected);
});

test("normal numbers have mean 0 and deviation 1", () => {
  const random = new Random(11);
  const n = 20000;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const x = random.normal();
    sum += x;
    squares += x * x;
  }
  expect(Math.abs(sum / n)).toBeLessThan(0.03);
  expect(Math.abs(squares / n - 1)).toBeLessThan(0.05);
});
