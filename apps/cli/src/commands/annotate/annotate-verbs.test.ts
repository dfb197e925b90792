import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { commandsInProcess } from "../../../test/in-process.ts";

const recipe = fileURLToPath(new URL("../../../../../recipes/annotate-embedded.yaml", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixelvla-annotate-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pixelvla = commandsInProcess();
const json = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await pixelvla(...args, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};

test("shards of recorded demonstrations are annotated, merged, drawn and reviewed", { timeout: 600_000 }, async () => {
  const dataset = join(folder, "demos");
  await json("bench", "record", dataset, "--episodes", "2", "--threads", "1");
  const shards = ["1/2", "2/2"].map((shard) => ({ shard, out: join(folder, `shard-${shard[0]!}`) }));
  for (const { shard, out } of shards)
    expect(
      await json("annotate", "run", dataset, "--recipe", recipe, "--out", out, "--shard", shard, "--threads", "1"),
    ).toMatchObject({ state: "done", sidecar: null, funnel: { nIn: 1, nKept: 1 } });

  const retry = (causes: string) =>
    pixelvla(
      "annotate",
      dataset,
      "--recipe",
      recipe,
      "--out",
      shards[0]!.out,
      "--shard",
      "1/2",
      "--retry",
      causes,
      "--json",
    );
  expect(await retry("model-faild")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean \\"model-failed') as string,
  });
  expect(JSON.parse((await retry("model-failed,damaged")).stdout)).toMatchObject({
    state: "done",
    funnel: { nKept: 1 },
    timing: { nEpisodes: 0 },
  });

  const merged = join(folder, "merged");
  const unfinished = await pixelvla("annotate", "merge", shards[0]!.out, "--out", merged);
  expect(unfinished).toMatchObject({ code: 1, stderr: expect.stringContaining("PVLA_ANNOTATE_SHARDS") as string });
  const outs = shards.map(({ out }) => out);
  expect(await json("annotate", "merge", ...outs, "--out", merged)).toMatchObject({ funnel: { nIn: 2, nKept: 2 } });

  const sheet = join(folder, "sheet.jpg");
  expect(await json("annotate", "sheet", merged, "--out", sheet)).toMatchObject({ nEpisodes: 2 });
  expect([...readFileSync(sheet).subarray(0, 2)]).toEqual([0xff, 0xd8]); // a JPEG

  const decide = (verdict: string, ...more: string[]) =>
    json("annotate", "review", merged, "--episode", "1", "--verdict", verdict, "--author", "ada", ...more);
  expect(await decide("reject", "--note", "that is the lid")).toMatchObject({ decision: "rejected", author: "ada" });
  expect(await json("annotate", "review", merged, "--decision", "rejected")).toMatchObject({
    total: 1,
    rows: [{ episodeIndex: 1, decision: "rejected" }],
  });
  await decide("undo");
  expect(await json("annotate", "review", merged, "--decision", "rejected")).toMatchObject({ total: 0 });
  const wrong = await pixelvla("annotate", "review", merged, "--episode", "1", "--verdict", "maybe");
  expect(wrong).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/accept or reject or hard or fixed/) as string,
  });
});
