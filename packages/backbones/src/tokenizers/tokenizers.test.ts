import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseRecipe, type SpecialTokens } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { encodePrompt, hashedWords, tokenizerFromJson, type Tokenizer } from "../index.ts";

const special: SpecialTokens = { bos: 1, eos: 2, pad: 0, annotations: 90, visualPrompts: 91 };
const recipeText = (text: object) =>
  parseRecipe({
    name: "t",
    image: { height: 8, width: 8 },
    visionEncoder: { name: "v" },
    projector: { name: "p" },
    backbone: { name: "b" },
    decoder: { name: "d" },
    text,
  }).text;
const letters: Tokenizer = { vocabularySize: 200, encode: (text) => Array.from(text, (c) => c.charCodeAt(0)) };
const decode = (ids: BigInt64Array) =>
  [...ids].map((id) => (id === 90n ? "A" : id === 91n ? "V" : id < 3n ? "" : String.fromCharCode(Number(id)))).join("");

test("the instruction is filled in before the text is tokenised", () => {
  const seen: string[] = [];
  const spy: Tokenizer = { vocabularySize: 9, encode: (text) => (seen.push(text), [5]) };
  encodePrompt(spy, special, recipeText({ plainTemplate: "do {instruction}?" }), {
    instruction: "Lift It",
    placeholders: { annotations: 0, visualPrompts: 0 },
  });
  expect(seen).toEqual(["do lift it?"]);
});

test("placeholders become as many sentinels as there are embeddings", () => {
  const text = recipeText({ template: "x {instruction} {annotations}{visual prompts}", maxTokens: 32 });
  const prompt = encodePrompt(letters, special, text, {
    instruction: "go",
    placeholders: { annotations: 2, visualPrompts: 3 },
  });
  expect(decode(prompt.ids)).toBe("x go AAVVV");
  expect(prompt.valid.reduce((a, b) => a + b, 0)).toBe(11);
});

test("the end token is appended only when it is absent", () => {
  const text = recipeText({ plainTemplate: "{instruction}", endToken: 33, maxTokens: 8 });
  const count = (instruction: string) =>
    encodePrompt(letters, special, text, {
      instruction,
      placeholders: { annotations: 0, visualPrompts: 0 },
    }).valid.reduce((a, b) => a + b, 0);
  expect(count("go")).toBe(4);
  expect(count("go!")).toBe(4);
});

test("a prompt longer than the recipe allows is refused with both numbers", () => {
  const text = recipeText({ plainTemplate: "{instruction}", maxTokens: 4 });
  expect(() =>
    encodePrompt(letters, special, text, {
      instruction: "too long",
      placeholders: { annotations: 0, visualPrompts: 0 },
    }),
  ).toThrow(/9 tokens, needs at most 4/);
});

test("hashed words ignore case and keep punctuation apart", () => {
  const tokenizer = hashedWords(16, 1000);
  expect(tokenizer.encode("Pick the RED can.")).toEqual(tokenizer.encode("pick the red can ."));
  expect(tokenizer.encode("pick")[0]).toBeGreaterThanOrEqual(16);
});

test("a file that is no tokenizer is refused", () => {
  expect(() => tokenizerFromJson({ model: { type: "Nonsense" } })).toThrow(
    expect.objectContaining({ code: "PVLA_TOKENIZER_FILE" }),
  );
});

const bert = fileURLToPath(new URL("../../../../../shared/data/models/tokenizer-bert-uncased/", import.meta.url));
describe.skipIf(!existsSync(bert))("with the real BERT tokenizer of ../shared/data", () => {
  test("ids are those of the reference", () => {
    const read = (file: string) => JSON.parse(readFileSync(bert + file, "utf8")) as object;
    const tokenizer = tokenizerFromJson(read("tokenizer.json"), read("tokenizer_config.json"));
    expect(tokenizer.encode("a cat.")).toEqual([1037, 4937, 1012]);
    expect(tokenizer.vocabularySize).toBe(30522);
  });
});
