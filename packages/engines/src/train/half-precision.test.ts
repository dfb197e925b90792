import { expect, test } from "vitest";
import { float16ToNumber, widenBfloat16 } from "./half-precision.ts";

test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x7bff, 65504],
  [0x7c00, Infinity],
  [0x7e00, NaN],
])("half-precision bits %i mean %d", (bits, value) => expect(float16ToNumber(bits)).toBe(value));

test("bfloat16 bits are the upper half of a float32", () => {
  expect([...widenBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x4049))]).toEqual([1, -2, 3.140625]);
});
