import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LiveEvent, RunsChanged } from "@pixelvla/studio-contract";
import { runFileUrl } from "@pixelvla/studio-contract/urls";
import { expect, test, vi } from "vitest";
import { makeJob } from "./job.ts";
import { connect, get, makeWorkspace, startHost } from "./studio.ts";
import { PATIENCE } from "./patience.ts";

const rows = (n: number, loss: (step: number) => number) =>
  Array.from({ length: n }, (_, i) => ({ step: i + 1, timeS: (i + 1) * 0.5, loss: loss(i + 1), note: "x,{" }));

test("runs appear, sort, filter and page; a dead process makes a run lost", async () => {
  const workspace = makeWorkspace();
  makeJob(workspace, "alpha", { metrics: rows(10, () => 0.5), config: "recipe: { name: tiny }\n" });
  makeJob(workspace, "beta", { state: "running", metrics: rows(3, () => 0.2) });
  makeJob(workspace, "gone", { state: "running", pid: 2 ** 22 - 3 });
  const client = connect(await startHost(workspace));
  const page = await client.runs.list.query({ sort: { by: "loss", direction: "ascending" } });
  expect(page).toMatchObject({ nTotal: 3, nMatched: 3 });
  expect(page.rows.map(({ name, state }) => `${name} ${state}`)).toEqual(["beta running", "alpha done", "gone lost"]);
  expect(page.rows[1]).toMatchObject({
    recipe: "tiny",
    latest: { loss: 0.5, step: 10 },
  });
  expect((await client.runs.list.query({ states: ["lost"] })).rows.map(({ name }) => name)).toEqual(["gone"]);
  expect((await client.runs.list.query({ search: "alp" })).nMatched).toBe(1);
});

test("curves are smoothed over every point before they are thinned, and keep the extremes", async () => {
  const workspace = makeWorkspace();
  const spike = 7777;
  makeJob(workspace, "long", { metrics: rows(10_000, (step) => (step === spike ? 9 : 1 / step + (step % 2) * 0.1)) });
  const client = connect(await startHost(workspace));
  const { runId } = (await client.runs.list.query({})).rows[0]!;
  const ask = { runIds: [runId], keys: ["loss"], smoothing: 0.9, maxPoints: 200 };
  const [curve] = await client.runs.curves.query(ask);
  expect(curve!.nPoints).toBe(10_000);
  expect(curve!.raw.x.length).toBeLessThanOrEqual(200);
  expect(curve!.raw.y).toContain(9);
  expect(curve!.raw.x[curve!.raw.y.indexOf(9)]).toBe(spike);

  let mean = 0;
  const exact = rows(10_000, (step) => (step === spike ? 9 : 1 / step + (step % 2) * 0.1)).map(({ loss }, i) => {
    mean = 0.9 * mean + 0.1 * loss;
    return mean / (1 - 0.9 ** (i + 1));
  });
  curve!.smooth.x.forEach((step, i) => expect(curve!.smooth.y[i]).toBeCloseTo(exact[step - 1]!, 10));

  const [zoomed] = await client.runs.curves.query({ ...ask, axis: "time", range: { start: 100, end: 110 } });
  expect(zoomed!.raw.x[0]).toBe(99.5);
  expect(zoomed!.raw.x.at(-1)).toBe(110.5);
});

test("bands group runs by a recipe field and give median and quartiles", async () => {
  const workspace = makeWorkspace();
  for (const [i, lr] of [0.1, 0.1, 0.1, 0.2].entries())
    makeJob(workspace, `run-${i}`, { metrics: rows(100, () => i + 1), config: `optimizer: { lr: ${lr} }\n` });
  const client = connect(await startHost(workspace));
  const runIds = (await client.runs.list.query({})).rows.map((row) => row.runId);
  const asked = { runIds, keys: ["none", "loss"], groupBy: "optimizer.lr", nBins: 20 };
  const [none, chart] = await client.runs.bands.query(asked);
  const { x, bands } = chart!;
  expect(none).toEqual({ key: "none", x: [], bands: [] });
  expect(x).toHaveLength(20);
  expect(bands.map(({ group, nRuns }) => ({ group, nRuns }))).toEqual([
    { group: "0.1", nRuns: 3 },
    { group: "0.2", nRuns: 1 },
  ]);
  expect(bands[0]!.median.every((value) => value === 2)).toBe(true);
  expect(bands[0]!.q25[5]).toBe(1.5);
  expect(bands[0]!.q75[5]).toBe(2.5);
});

test("a live run's new points and log lines arrive; the table follows; a vanished run goes", async () => {
  const workspace = makeWorkspace();
  const run = makeJob(workspace, "live", { state: "running", metrics: rows(5, () => 1) });
  const client = connect(await startHost(workspace));
  const { runId } = (await client.runs.list.query({})).rows[0]!;
  const live: LiveEvent[] = [];
  const table: RunsChanged[] = [];
  client.runs.live.subscribe({ runId }, { onData: (event) => live.push(event) });
  client.runs.changes.subscribe(undefined, { onData: (event) => table.push(event) });
  await vi.waitFor(() => expect([live.length > 0, table.length > 0]).toEqual([true, true]), PATIENCE);

  appendFileSync(join(run, "metrics.jsonl"), `${JSON.stringify({ step: 6, timeS: 3, loss: 0.25 })}\n{"step":7,"ti`);
  appendFileSync(join(run, "log.txt"), "step 6\n");
  await vi.waitFor(() => {
    expect(live.flatMap(({ points }) => points["loss"]?.step ?? [])).toEqual([6]);
    expect(live.map(({ log }) => log).join("")).toBe("step 6\n");
    expect(table.length).toBeGreaterThan(1);
  }, PATIENCE);
  expect((await client.runs.list.query({})).rows[0]!.latest["loss"]).toBe(0.25);
  makeJob(workspace, "second");
  await vi.waitFor(() => expect(table.at(-1)).toMatchObject({ nTotal: 2, rows: [{ name: "second" }] }), PATIENCE);
  rmSync(run, { recursive: true });
  await vi.waitFor(() => expect(table.at(-1)).toMatchObject({ nTotal: 1, gone: [runId] }), PATIENCE);
});

test("a run shows its config, files with byte ranges, log windows and differences", async () => {
  const workspace = makeWorkspace();
  makeJob(workspace, "a", { config: "name: tiny\ntraining:\n  steps: 10\n  seed: 1\n", metrics: rows(1, () => 1) });
  const b = makeJob(workspace, "b", { config: "name: tiny\ntraining:\n  steps: 20\n  seed: 1\n" });
  appendFileSync(join(b, "log.txt"), Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join(""));
  const host = await startHost(workspace);
  const client = connect(host);
  const ids = (await client.runs.list.query({ sort: { by: "name", direction: "ascending" } })).rows.map(
    (row) => row.runId,
  );
  const [first, second] = ids as [string, string];
  const detail = await client.runs.get.query({ runId: first });
  expect(detail).toMatchObject({
    config: { training: { steps: 10 } },
    metricKeys: ["loss"],
    commands: [],
    checkpoints: [],
  });
  expect(detail.files.map(({ path }) => path)).toEqual(["config.yaml", "log.txt", "metrics.jsonl", "status.json"]);
  expect(await client.runs.diff.query({ runIds: ids })).toEqual([{ path: "training.steps", values: ["10", "20"] }]);

  const tail = await client.runs.log.query({ runId: second, maxBytes: 30 });
  expect(tail.text).toBe("line 97\nline 98\nline 99\n");
  const above = await client.runs.log.query({ runId: second, before: tail.start, maxBytes: 20 });
  expect(above.text).toBe("line 95\nline 96\n");

  const part = await get(host, runFileUrl(second, "log.txt"), { Range: "bytes=0-4" });
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([
    206,
    "hello",
    `bytes 0-4/${tail.sizeBytes}`,
  ]);
  const end = await get(host, runFileUrl(second, "log.txt"), { Range: "bytes=-8" });
  expect(await end.text()).toBe("line 99\n");
  expect((await get(host, runFileUrl(second, "log.txt"), { Range: "bytes=99999-" })).status).toBe(416);
  const page = await get(host, runFileUrl(second, "log.txt"));
  expect(page.headers.get("content-security-policy")).toContain("sandbox");
});
