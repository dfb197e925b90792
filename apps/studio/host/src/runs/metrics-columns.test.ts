import fc from "fast-check";
import { expect, test } from "vitest";
import { MetricsColumns } from "./metrics-columns.ts";

const lines = (rows: readonly object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const read = (keys: readonly string[], bytes: Buffer) => {
  const columns = new MetricsColumns(keys);
  return { used: columns.append(bytes), columns };
};

test("columns equal what JSON.parse gives, to 15 digits, whatever the other keys and values are", () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  );
  const row = fc.record(
    {
      step: fc.integer({ min: 0 }),
      "a,}b": value,
      'q"uote\\': value,
      loss: fc.double({ noNaN: true, noDefaultInfinity: true }),
    },
    { requiredKeys: ["step"] },
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const { columns, used } = read(["step", "loss"], lines(rows));
      expect(used).toBe(lines(rows).length);
      expect(Array.from(columns.column("step"))).toEqual(rows.map(({ step }) => step));
      columns.column("loss").forEach((found, i) => {
        const { loss } = rows[i]!;
        if (loss === undefined) expect(found).toBeNaN();
        else expect(Math.abs(found - loss)).toBeLessThanOrEqual(4e-15 * Math.abs(loss));
      });
    }),
  );
});

test("a file read in pieces gives the same columns as in one", () => {
  const bytes = lines(Array.from({ length: 50 }, (_, i) => ({ step: i, loss: i / 7 })));
  fc.assert(
    fc.property(fc.nat(bytes.length), (cut) => {
      const columns = new MetricsColumns(["loss"]);
      const used = columns.append(bytes.subarray(0, cut));
      columns.append(bytes.subarray(used));
      expect(columns.nRows).toBe(50);
    }),
  );
});

test("lines that are no rows are passed over", () => {
  const { columns } = read(
    ["loss"],
    Buffer.from('{"loss":1}\n\n[1]\n{"lo\n{"loss":}x\n{loss:2}\n{"loss":3}\n{"loss":4'),
  );
  expect(Array.from(columns.column("loss")).filter(Number.isFinite)).toEqual([1, 3]);
});

test("without wanted keys every key that held a number is read, also one that comes late", () => {
  const columns = new MetricsColumns();
  columns.append(
    lines([
      { step: 0, note: "x" },
      { step: 1, "eval/loss": 0.5, ok: true },
      { loss: 2, step: 2 },
    ]),
  );
  expect(columns.keys).toEqual(["step", "eval/loss", "loss"]);
  expect(Array.from(columns.column("step"))).toEqual([0, 1, 2]);
  expect(Array.from(columns.column("eval/loss"))).toEqual([NaN, 0.5, NaN]);
  expect(Array.from(columns.column("loss"))).toEqual([NaN, NaN, 2]);
  expect(Array.from(columns.column("never"))).toEqual([NaN, NaN, NaN]);
});
