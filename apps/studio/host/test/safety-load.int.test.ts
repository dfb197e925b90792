import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { cpSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { frameUrl } from "@pixelvla/studio-contract/urls";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { makeJob } from "./job.ts";
import { bridgeDebug, bridgeWorkspace, connect, get, makeWorkspace, startHost } from "./studio.ts";

test.skipIf(bridgeDebug === undefined)(
  "200 clients at once are all answered, with rows, pictures and live events",
  async () => {
    const workspace = bridgeWorkspace();
    makeJob(workspace, "run-a", { state: "running", metrics: [{ step: 1, timeS: 1, loss: 0.5 }] });
    const host = await startHost(workspace);
    const { datasetId } = (await connect(host).datasets.list.query())[0]!;
    const { revision, primaryCamera } = await connect(host).datasets.get.query({ datasetId });
    const heapBefore = process.memoryUsage().rss;
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const client = connect(host);
        const page = client.datasets.episodes.query({ datasetId, limit: 50, offset: i % 10 });
        const episode = client.datasets.episode.query({ datasetId, episodeIndex: i % 50 });
        const live = new Promise<number>((resolve, reject) => {
          client.runs.changes.subscribe(undefined, { onData: ({ rows }) => resolve(rows.length), onError: reject });
        });
        const picture = await get(
          host,
          frameUrl({ datasetId, revision, episodeIndex: i % 50, frameIndex: i % 5, camera: primaryCamera! }),
        );
        return {
          rows: (await page).rows.length,
          task: (await episode).episodeIndex,
          live: await live,
          bytes: (await picture.arrayBuffer()).byteLength,
        };
      }),
    );
    for (const [i, { rows, task, live, bytes }] of answers.entries()) {
      expect(rows).toBe(Math.min(50, 50 - (i % 10)));
      expect(task).toBe(i % 50);
      expect(live).toBe(1);
      expect(bytes).toBeGreaterThan(500);
    }
    expect(process.memoryUsage().rss - heapBefore).toBeLessThan(400 << 20);
  },
);

test("bodies are refused unread, and a header or message that is too large ends only its own connection", async () => {
  const host = await startHost(makeWorkspace());
  const Authorization = `Bearer ${host.token}`;
  const post = await fetch(`${host.origin}/rpc`, {
    method: "POST",
    headers: { Authorization },
    body: "x".repeat(8 << 20),
  }).then(
    (answer) => answer.status,
    () => 413, // closed while it was still sending
  );
  expect(post).toBe(413);
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"])
    expect((await fetch(`${host.origin}/`, { method, headers: { Authorization } })).status, method).toBe(405);

  const raw = connectSocket(host.port, "127.0.0.1");
  raw.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${"x".repeat(64 << 10)}\r\n\r\n`);
  const [reply] = (await once(raw, "data")) as [Buffer];
  expect(reply.toString()).toMatch(/^HTTP\/1\.1 431/);
  raw.destroy();

  const socket = new WebSocket(host.rpcUrl);
  await once(socket, "open");
  socket.send("x".repeat(2 << 20));
  const [code] = (await once(socket, "close")) as [number];
  expect(code).toBe(1009);
  for (const nonsense of [
    "",
    "{",
    "null",
    "[]",
    '{"id":1}',
    '{"id":1,"method":"query","params":{"path":"__proto__.x"}}',
    "\0\0",
  ]) {
    const other = new WebSocket(host.rpcUrl);
    await once(other, "open");
    other.send(nonsense);
    other.terminate();
  }
  expect((await connect(host).system.info.query()).workspaceName).toMatch(/^pixelvla-studio-/);
});

test.skipIf(bridgeDebug === undefined)("malformed datasets are named and explained, and the others go on", async () => {
  const workspace = bridgeWorkspace();
  const datasets = join(workspace, "datasets");
  const copy = (name: string) => {
    const to = join(datasets, name);
    cpSync(bridgeDebug!, to, { recursive: true });
    const inner = readdirSync(to, { recursive: true, withFileTypes: true }).find(
      (entry) => entry.name === "dataset_info.json",
    )!;
    return inner.parentPath;
  };
  writeFileSync(join(copy("a-not-json"), "dataset_info.json"), "{ nope");
  writeFileSync(join(copy("b-wrong-kinds"), "features.json"), JSON.stringify({ pythonClassName: 7, featuresDict: [] }));
  writeFileSync(
    join(copy("c-huge-count"), "dataset_info.json"),
    JSON.stringify({ name: "x", splits: [{ name: "train", shardLengths: ["9".repeat(30)] }] }),
  );
  const cut = copy("d-cut");
  for (const name of readdirSync(cut)) if (name.includes("tfrecord")) truncateSync(join(cut, name), 1000);
  mkdirSync(join(datasets, "e-empty"));
  mkdirSync(join(datasets, "f-lerobot", "meta"), { recursive: true });
  writeFileSync(
    join(datasets, "f-lerobot", "meta", "info.json"),
    JSON.stringify({ codebase_version: "v2.1", features: { "../../etc": {} }, total_episodes: 1e12 }),
  );

  const client = connect(await startHost(workspace));
  const broken = (await client.datasets.list.query()).filter(({ name }) => name !== "bridge");
  expect(broken).toHaveLength(6);
  for (const { datasetId, name } of broken) {
    const outcome = await client.datasets.episodes.query({ datasetId }).then(
      ({ nMatched }) => ({ nMatched }),
      (error: unknown) => (error as { data: { studio: { code: string } } }).data.studio,
    );
    if ("code" in outcome) expect(outcome.code, name).toMatch(/^PVLA_DATA_/);
    else {
      expect(outcome.nMatched, name).toBe(0);
      expect((await client.datasets.get.query({ datasetId })).damage.length, name).toBeGreaterThan(0);
    }
  }
  const whole = (await client.datasets.list.query()).find(({ name }) => name === "bridge")!;
  expect((await client.datasets.episodes.query({ datasetId: whole.datasetId })).nMatched).toBe(50);
});
