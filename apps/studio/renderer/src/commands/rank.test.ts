import { expect, test } from "vitest";
import { rank } from "./rank.ts";

const titles = ["Stop the run", "Next frame", "Go to Runs", "Overrun"];
const find = (query: string) => rank(titles, query, (title) => title);

test("matches at the start come before matches at a word, before matches inside one", () => {
  expect(find("run")).toEqual(["Stop the run", "Go to Runs", "Overrun"]);
  expect(find("next")).toEqual(["Next frame"]);
});

test("every word must occur; none given keeps everything in order", () => {
  expect(find("run stop")).toEqual(["Stop the run"]);
  expect(find("  ")).toEqual(titles);
});
