import { existsSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startStudioHost } from "../src/index.ts";
import { makeJob } from "./job.ts";
import { connect, makeWorkspace, startHost } from "./studio.ts";
import { PATIENCE } from "./patience.ts";

const N_RUNS = 24;
const name = (run: number) => `run-${String(run).padStart(2, "0")}`;
const byName = { by: "name", direction: "ascending" } as const;

/** A workspace of finished runs as a host leaves it, and what that host said of them. */
async function leftBehind() {
  const workspace = makeWorkspace();
  for (let run = 0; run < N_RUNS; run++)
    makeJob(workspace, name(run), { config: `name: r${run}\n`, metrics: [{ step: 1, timeS: 1, loss: run }] });
  const host = await startStudioHost({ workspace });
  const { rows } = await connect(host).runs.list.query({ sort: byName });
  expect(rows.map((row) => row.recipe)).toEqual(Array.from({ length: N_RUNS }, (_, run) => `r${run}`));
  await host.close();
  return { workspace, rows, kept: join(workspace, ".pixelvla", "cache", "runs.json") };
}

test("the next host gives the same rows without parsing the configurations again", async () => {
  const { workspace, rows, kept } = await leftBehind();
  // The same size at the same time: only what was kept can tell the old text.
  const config = join(workspace, "runs", name(3), "config.yaml");
  const folder = join(workspace, "runs", name(3));
  const before = JSON.parse(readFileSync(kept, "utf8")) as {
    runs: Record<string, { folderMtimeMs: number; marks: Record<string, { mtimeMs: number }> }>;
  };
  const { marks, folderMtimeMs } = before.runs[folder]!;
  writeFileSync(config, "name: XX\n");
  utimesSync(config, new Date(), marks["config.yaml"]!.mtimeMs / 1000);
  expect(folderMtimeMs).toBeGreaterThan(0);
  const client = connect(await startHost(workspace));
  expect((await client.runs.list.query({ sort: byName })).rows).toEqual(rows);
  const runIds = rows.map(({ runId }) => runId);
  expect(await client.runs.keys.query({ runIds })).toEqual(["loss"]);
  expect(await client.runs.curves.query({ runIds, keys: ["loss"] })).toHaveLength(N_RUNS);
});

test("what changed between two hosts is seen, and a run that is gone is gone", async () => {
  const { workspace } = await leftBehind();
  const aside = join(workspace, "runs", name(1), "status.tmp");
  const status = join(workspace, "runs", name(1), "status.json");
  writeFileSync(aside, readFileSync(status, "utf8").replace('"done"', '"failed"'));
  renameSync(aside, status);
  renameSync(join(workspace, "runs", name(2)), join(workspace, "elsewhere"));
  makeJob(workspace, "new", { state: "running" });
  const client = connect(await startHost(workspace));
  const { rows } = await client.runs.list.query({ sort: byName });
  expect(rows).toHaveLength(N_RUNS);
  expect(rows.find((row) => row.name === name(1))!.state).toBe("failed");
  expect(rows.find((row) => row.name === name(2))).toBeUndefined();
  expect(rows.find((row) => row.name === "new")!.state).toBe("running");
});

test("a file written on in place is seen within a few looks", async () => {
  const { workspace } = await leftBehind();
  const client = connect(await startHost(workspace));
  await client.runs.list.query({});
  writeFileSync(join(workspace, "runs", name(5), "config.yaml"), "name: edited by hand\n");
  await expect
    .poll(async () => (await client.runs.list.query({ search: "edited by hand" })).rows.map((row) => row.name), {
      ...PATIENCE,
      interval: 450,
    })
    .toEqual([name(5)]);
});

test("kept metrics never lead out of the run, and a damaged file of kept runs is as good as none", async () => {
  const { workspace, rows, kept } = await leftBehind();
  const secret = join(workspace, "secret.jsonl");
  writeFileSync(secret, '{"step":1,"timeS":1,"loss":42}\n'.repeat(3));
  const metrics = join(workspace, "runs", name(0), "metrics.jsonl");
  renameSync(metrics, `${metrics}.away`);
  symlinkSync(secret, metrics);
  const first = await startStudioHost({ workspace });
  onTestFinished(() => first.close());
  const client = connect(first);
  await client.runs.list.query({});
  const curves = await client.runs.curves.query({ runIds: [rows[0]!.runId], keys: ["loss"] });
  expect(curves.flatMap(({ raw }) => raw.y)).not.toContain(42);

  expect(existsSync(kept)).toBe(true);
  writeFileSync(kept, "{");
  const again = connect(await startHost(workspace));
  expect((await again.runs.list.query({ sort: byName })).rows.map((row) => row.name)).toEqual(
    rows.map((row) => row.name),
  );
});
