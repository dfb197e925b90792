import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { builtinReasoners, openReasoner } from "../src/index.ts";
import {
  haveLists,
  isRight,
  labelledList,
  liberoInstructions,
  listNames,
  ownInstructions,
  type LabelledInstruction,
} from "./support/instruction-lists.ts";

const grammar = await openReasoner({ name: "grammar" });

async function wrong(rows: readonly LabelledInstruction[]): Promise<string[]> {
  const misses: string[] = [];
  for (const row of rows) {
    const answer = await grammar.reason(row.instruction);
    if (!isRight(answer, row))
      misses.push(`${row.instruction}: ${String(answer.target)} instead of ${String(row.target)}`);
  }
  return misses;
}

describe("the grammar", () => {
  test("names the first object to grasp in hand-written instructions, typing errors and all", async () => {
    const rows = ownInstructions().map((row) => ({ ...row, aliases: [] }));
    for (const row of rows) {
      const { alternatives } = await grammar.reason(row.instruction);
      expect([row.instruction, alternatives?.join(" or ")]).toEqual([row.instruction, row.target]);
    }
  });

  test.skipIf(!haveLists)("names the moved object of LIBERO's tasks", async () => {
    const rows = liberoInstructions();
    const misses = await wrong(rows);
    expect(misses.length, misses.join("\n")).toBeLessThanOrEqual(0.05 * rows.length);
  });

  test.skipIf(!haveLists).each(listNames)("agrees with the labels of %s", async (name) => {
    expect(await wrong(labelledList(name))).toEqual([]);
  });

  test("says why there is no target", async () => {
    expect(await grammar.reason("close top drawer")).toMatchInlineSnapshot(`
      {
        "confidence": 0.9,
        "reason": "to close something needs no grasp of a movable object",
      }
    `);
    expect((await grammar.reason("  ")).reason).toBe("the instruction is empty");
    expect((await grammar.reason("turn the faucet left")).reason).toBe("the faucet stays where it is");
  });

  test("keeps what tells the target from others apart", async () => {
    const answer = await grammar.reason(
      "pick up the black bowl between the plate and the ramekin and place it on the plate",
    );
    expect(answer).toMatchObject({ target: "black bowl", modifier: "between the plate and the ramekin" });
  });

  test("takes a tool as the target only when asked to", async () => {
    const tools = await openReasoner({ name: "grammar", options: { toolIsTarget: true } });
    expect((await grammar.reason("wipe pot with sponge")).target).toBeUndefined();
    expect((await tools.reason("wipe pot with sponge")).target).toBe("sponge");
  });

  test("survives any text, and names only words of it or their corrections", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 200 }), async (text) => {
        const { target, reason } = await grammar.reason(text);
        expect(target === undefined).toBe(reason !== undefined);
      }),
    );
  });
});

test("an unknown reasoner is refused with the nearest name", async () => {
  await expect(openReasoner({ name: "gramar" })).rejects.toMatchObject({
    code: "PVLA_UNKNOWN_PLUGIN",
    message: expect.stringContaining('Did you mean "grammar"?') as string,
  });
  expect(new Set(builtinReasoners.map(({ name }) => name)).size).toBe(builtinReasoners.length);
});
