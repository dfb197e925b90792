import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pullDataset } from "./pull-dataset.ts";
import { parseSource } from "./sources.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-pull-"));
const SHA = "0123456789abcdef0123456789abcdef01234567";
const FILES: Record<string, Buffer> = {
  "meta/info.json": Buffer.from('{"a": 1}'),
  "data/big file.bin": Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251)),
};
const gitBlob = (bytes: Buffer) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

let server: Server;
let base = "";
/** What the server does wrong, and what it was asked. */
let breakAfter: number | undefined;
let nBreaks = 0;
let corrupt = false;
let evil = false;
const ranges: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://x").pathname);
    const json = (value: unknown) =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    if (/^\/api\/datasets\/owner\/set\/(revision\/|$)/.test(path) || path === "/api/datasets/owner/set") {
      json({
        id: "owner/set",
        _id: "1",
        sha: SHA,
        private: false,
        downloads: 0,
        likes: 0,
        gated: false,
        lastModified: "2026-01-01T00:00:00Z",
      });
      return;
    }
    if (path.startsWith(`/api/datasets/owner/set/tree/${SHA}`)) {
      const entries = Object.entries(FILES).map(([name, bytes]) => ({
        type: "file",
        path: evil ? `../${name}` : name,
        size: bytes.length,
        oid: gitBlob(bytes),
        ...(bytes.length > 1000 ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {}),
      }));
      json(entries);
      return;
    }
    if (path === "/storage/v1/b/bucket/o") {
      const [name, bytes] = Object.entries(FILES)[1]!;
      json({
        items: [
          { name: "set/1.0/", size: "0" },
          {
            name: `set/1.0/${name}`,
            size: String(bytes.length),
            md5Hash: createHash("md5").update(bytes).digest("base64"),
          },
        ],
      });
      return;
    }
    if (path === "/web/dataset_info.json") {
      json({ name: "toy", splits: [{ name: "train", shardLengths: ["1", "1"] }] });
      return;
    }
    if (path.startsWith("/web/")) return void response.end(`content of ${path}`);
    const bytes = FILES[path.replace(`/datasets/owner/set/resolve/${SHA}/`, "").replace("/bucket/set/1.0/", "")];
    if (bytes === undefined) return void response.writeHead(404).end();
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from > 0) ranges.push(request.headers.range!);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": bytes.length - from });
    let rest = bytes.subarray(from);
    if (corrupt) rest = Buffer.concat([Buffer.from([rest[0]! ^ 1]), rest.subarray(1)]);
    if (breakAfter !== undefined && rest.length > breakAfter && nBreaks-- > 0)
      return void response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
    response.end(rest);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a hub dataset arrives whole, with its commit named, and is not fetched twice", async () => {
  const target = join(folder, "hub");
  const report = await pullDataset("hf://datasets/owner/set", target, { hubUrl: base });
  expect(report).toMatchObject({
    origin: `hf://datasets/owner/set@${SHA}`,
    nFiles: 2,
    nDownloaded: 2,
    nBytes: 300_008,
    nWithoutHash: 0,
  });
  for (const [name, bytes] of Object.entries(FILES))
    expect(Buffer.compare(readFileSync(join(target, name)), bytes)).toBe(0);
  expect(JSON.parse(readFileSync(join(target, "pull.json"), "utf8"))).toMatchObject({ origin: report.origin });
  expect(await pullDataset("hf://datasets/owner/set", target, { hubUrl: base })).toMatchObject({ nDownloaded: 0 });
});

test("a broken connection is taken up again where it broke", async () => {
  [breakAfter, nBreaks] = [100_000, 2];
  ranges.length = 0;
  const target = join(folder, "broken");
  await pullDataset("hf://datasets/owner/set", target, { hubUrl: base, include: ["data/**"] });
  expect(Buffer.compare(readFileSync(join(target, "data/big file.bin")), FILES["data/big file.bin"]!)).toBe(0);
  expect(ranges.length).toBeGreaterThan(0);
  breakAfter = undefined;
});

test("a part left by a killed run is taken up, and a damaged file is replaced", async () => {
  const target = join(folder, "resumed");
  await pullDataset("gs://bucket/set/1.0", target, { bucketUrl: base });
  const file = join(target, "data/big file.bin");
  rmSync(file);
  writeFileSync(`${file}.part`, FILES["data/big file.bin"]!.subarray(0, 1234));
  ranges.length = 0;
  expect(await pullDataset("gs://bucket/set/1.0", target, { bucketUrl: base })).toMatchObject({
    nDownloaded: 1,
    origin: "gs://bucket/set/1.0",
  });
  expect(ranges).toEqual(["bytes=1234-"]);
  writeFileSync(file, Buffer.alloc(300_000));
  expect(await pullDataset("gs://bucket/set/1.0", target, { bucketUrl: base, verify: true })).toMatchObject({
    nDownloaded: 1,
  });
});

test("a file whose hash is wrong never appears under its name", async () => {
  corrupt = true;
  const target = join(folder, "corrupt");
  await expect(pullDataset("hf://datasets/owner/set", target, { hubUrl: base })).rejects.toMatchObject({
    code: "PVLA_PULL_HASH",
  });
  expect(() => readFileSync(join(target, "data/big file.bin"))).toThrow();
  corrupt = false;
});

test("an RLDS folder on the web is listed by its own metadata", async () => {
  const report = await pullDataset(`${base}/web/`, join(folder, "web"));
  expect(report).toMatchObject({ nFiles: 4, nWithoutHash: 4 });
  expect(readFileSync(join(folder, "web/toy-train.tfrecord-00001-of-00002"), "utf8")).toContain("00001-of-00002");
});

test("a listing that points outside the folder is refused", async () => {
  evil = true;
  await expect(pullDataset("hf://datasets/owner/set", join(folder, "evil"), { hubUrl: base })).rejects.toMatchObject({
    code: "PVLA_PULL_PATH",
  });
  evil = false;
});

test("names, addresses and mistakes in sources are told apart", () => {
  expect(parseSource("fractal")).toEqual({
    kind: "bucket",
    bucket: "gresearch",
    folder: "robotics/fractal20220817_data/0.1.0",
  });
  expect(parseSource("hf://datasets/a/b@v2.1/sub/dir/")).toEqual({
    kind: "hub",
    repoType: "dataset",
    repo: "a/b",
    revision: "v2.1",
    folder: "sub/dir",
  });
  expect(() => parseSource("fractl")).toThrow(
    expect.objectContaining({ code: "PVLA_PULL_SOURCE", message: expect.stringContaining('"fractal"') as string }),
  );
});
