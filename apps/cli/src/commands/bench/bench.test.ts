import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsInProcess } from "../../../test/in-process.ts";

const run = commandsInProcess();
const pixelvla = (...args: string[]) => run("bench", ...args);

test("a run writes results, summary and logs, and the logs render", async () => {
  const out = mkdtempSync(join(tmpdir(), "pixelvla-bench-"));
  const played = await pixelvla(
    "run",
    "--policy",
    "expert",
    "--episodes",
    "1",
    "--threads",
    "0",
    "--out",
    out,
    "--json",
  );
  expect(played.code).toBe(0);
  expect(JSON.parse(played.stdout)).toMatchObject({ results: [{ task: "pick", outcome: "success" }] });
  expect(readFileSync(join(out, "summary.csv"), "utf8")).toMatch(
    /^embodiment,task,variant.*\nwidowx,pick,base,1,1\.0000/,
  );
  const film = await pixelvla("render", join(out, "episodes.jsonl"), "--out", out, "--size", "48");
  expect(film.stdout).toMatch(/widowx-pick-base-0\.webp {2}\d+ frames/);
  expect(existsSync(join(out, "widowx-pick-base-0.webp"))).toBe(true);
});

test("an evaluation that was cut off goes on as it was begun and ends with every episode once", async () => {
  const out = mkdtempSync(join(tmpdir(), "pixelvla-bench-"));
  await pixelvla("run", "--policy", "null", "--episodes", "3", "--first-seed", "7", "--threads", "0", "--out", out);
  const [first = "", second = ""] = readFileSync(join(out, "results.jsonl"), "utf8").split("\n");
  writeFileSync(join(out, "results.jsonl"), `${first}\n${second.slice(0, 40)}`); // killed while it wrote
  const status = JSON.parse(readFileSync(join(out, "status.json"), "utf8")) as object;
  writeFileSync(join(out, "status.json"), JSON.stringify({ ...status, state: "stopped" }));

  const again = await pixelvla("run", "--resume", "--threads", "0", "--out", out, "--json");
  expect(again.code).toBe(0);
  const { results } = JSON.parse(again.stdout) as { results: { seed: number; outcome: string }[] };
  expect(results.map(({ seed }) => seed)).toEqual([7, 8, 9]);
  const lines = readFileSync(join(out, "results.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { seed: number }).seed)).toEqual([7, 8, 9]);
  expect(lines[0]).toBe(first); // what was played stays as it was
  expect(JSON.parse(readFileSync(join(out, "status.json"), "utf8"))).toMatchObject({
    kind: "bench",
    state: "done",
    progress: { done: 3, total: 3, unit: "episodes" },
  });
});

test("unknown names are refused with the list", async () => {
  const result = await pixelvla("run", "--policy", "expert", "--tasks", "juggle");
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/^PVLA_ARGUMENTS {2}.*juggle.*pick, move-near/);
});
