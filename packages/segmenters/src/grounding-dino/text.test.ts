import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { joinPhrases, textTensors } from "./text.ts";
import { bertTokenizer, type BertTokenizer } from "./tokenizer.ts";

/** A letter is a token; BERT's ids for the marks. */
const letters: BertTokenizer = {
  encode: (text) =>
    Array.from(text.toLowerCase()).flatMap((c) => (c === " " ? [] : [c === "." ? 1012 : 2000 + c.charCodeAt(0)])),
  decode: (ids) => ids.join(" "),
  special: { cls: 101, sep: 102, stop: 1012, pad: 0 },
  delimiters: new Set([101, 102, 1012, 1029]),
};
const code = (letter: string) => 2000 + letter.charCodeAt(0);

test("phrases are joined by full stops and every token knows its phrase", () => {
  const [text, ...more] = joinPhrases(["Ab", " c. "], letters, { maxTokens: 20 });
  expect(more).toEqual([]);
  expect(text).toEqual({
    ids: [101, code("a"), code("b"), 1012, code("c"), 1012, 102],
    phraseOf: [-1, 0, 0, -1, 1, -1, -1],
  });
});

test("a full stop inside a phrase separates words for the model, not the phrase", () => {
  const [text] = joinPhrases(["a.b"], letters, { maxTokens: 20 });
  expect(text!.phraseOf).toEqual([-1, 0, -1, 0, -1, -1]);
});

test("phrases that do not fit one text are asked for in several, in order", () => {
  const texts = joinPhrases(["aaaa", "bbbb", "cc"], letters, { maxTokens: 10 });
  expect(texts.map(({ phraseOf }) => [...new Set(phraseOf.filter((p) => p >= 0))])).toEqual([[0], [1, 2]]);
  expect(Math.max(...texts.map(({ ids }) => ids.length))).toBeLessThanOrEqual(10);
  expect(joinPhrases(["a", "b", "c"], letters, { maxTokens: 50, perText: 1 })).toHaveLength(3);
});

test.each([
  [[], "found|no phrase"],
  [["a", " . "], "phrase 2"],
  [["x".repeat(30)], "30 tokens.*at most 17"],
])("no phrase, a blank one and one that is too long are refused with what to do (%#)", (phrases, message) => {
  const ask = () => joinPhrases(phrases, letters, { maxTokens: 20 });
  expect(ask).toThrow(expect.objectContaining({ code: "PVLA_DETECT_PHRASES" }));
  expect(ask).toThrow(new RegExp(message));
});

test("tokens see their phrase and its mark only, positions restart, padding sees itself", () => {
  const [text] = joinPhrases(["xyz", "w"], letters, { maxTokens: 20 });
  const { positions, attention, mask, ids } = textTensors(text!.ids, letters.delimiters, 10, 0);
  expect([...positions].map(Number)).toEqual([0, 0, 1, 2, 3, 0, 1, 0, 0, 0]);
  const seen = Array.from({ length: 10 }, (_, t) =>
    [...attention.subarray(t * 10, t * 10 + 10).keys()].filter((s) => attention[t * 10 + s] === 0),
  );
  expect(seen).toEqual([[0], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [5, 6], [5, 6], [7], [8], [9]]);
  expect([...mask.subarray(0, 8)].every((m) => m === 0) && mask[8]! < -1e8 && mask[9]! < -1e8).toBe(true);
  expect(Number(ids[8])).toBe(0);
});

const bert = fileURLToPath(new URL("../../../../../shared/data/models/tokenizer-bert-uncased/", import.meta.url));
describe.skipIf(!existsSync(bert))("with the real BERT tokenizer of ../shared/data", () => {
  test("ids and decoded labels are those of transformers", async () => {
    const read = async (file: string) => JSON.parse(await readFile(bert + file, "utf8")) as object;
    const tokenizer = bertTokenizer(await read("tokenizer.json"), await read("tokenizer_config.json"), bert);
    const [text] = joinPhrases(["A red Coca-Cola can", "a spoon's handle"], tokenizer, { maxTokens: 256 });
    expect(text!.ids).toEqual([
      101, 1037, 2417, 16787, 1011, 15270, 2064, 1012, 1037, 15642, 1005, 1055, 5047, 1012, 102,
    ]);
    expect(tokenizer.decode([1037, 2417])).toBe("a red");
    expect(tokenizer.decode([2417, 1012, 102])).toBe("red. [SEP]");
  });
});
