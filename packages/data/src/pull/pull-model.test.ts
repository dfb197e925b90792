import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseModelRepo, resolveModel } from "./models-folder.ts";
import { pullModel } from "./pull-model.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-pull-model-"));
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const FILES: Readonly<Record<string, Buffer>> = {
  ".gitattributes": Buffer.from("x"),
  "config.json": Buffer.from("{}"),
  "model.safetensors": Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251)),
  "pytorch_model.bin": Buffer.from("pickle"),
};
const hash = (algorithm: string, ...parts: (string | Buffer)[]) =>
  parts.reduce((h, part) => h.update(part), createHash(algorithm)).digest("hex");

/** A hub with one gated model repository; files are sent on to "storage", as the real hub does. */
let server: Server;
let hubUrl = "";
let requests: string[] = [];
let breaks = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://x").pathname);
    requests.push(`${request.headers.range ?? ""} ${path}`.trim());
    const json = (value: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    if (!path.startsWith("/storage/") && request.headers.authorization !== "Bearer hf_test")
      return void response.writeHead(401).end();
    if (/^\/api\/models\/owner\/policy\/revision\/(main|v1)$/.test(path)) {
      const cardData = { license: "other", license_name: "gemma" };
      return void json({ _id: "1", id: "owner/policy", sha: COMMIT, lastModified: "2026-01-01T00:00:00Z", cardData });
    }
    if (path.startsWith(`/api/models/owner/policy/tree/${COMMIT}`)) {
      const entries = Object.entries(FILES).map(([name, bytes]) => ({
        type: "file",
        path: name,
        size: bytes.length,
        oid: hash("sha1", `blob ${bytes.length}\0`, bytes),
        ...(bytes.length > 1000 ? { lfs: { oid: hash("sha256", bytes), size: bytes.length, pointerSize: 130 } } : {}),
      }));
      return void json(entries);
    }
    const file = path.replace(`/owner/policy/resolve/${COMMIT}/`, "");
    if (FILES[file] !== undefined) return void response.writeHead(302, { location: `/storage/${file}` }).end();
    const bytes = FILES[path.replace("/storage/", "")];
    if (bytes === undefined) return void response.writeHead(404).end();
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": bytes.length - from });
    if (breaks > 0 && bytes.length > 1000) {
      breaks--;
      return void response.write(bytes.subarray(from, from + 50_000), () => setTimeout(() => response.destroy(), 20));
    }
    response.end(bytes.subarray(from));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  requests = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
const options = (name: string) => ({ hubUrl, accessToken: "hf_test", folder: join(folder, name) });

test("a model arrives at one commit with its licence, without the pickles, over broken connections", async () => {
  breaks = 2;
  const report = await pullModel("owner/policy@v1", options("whole"));
  expect(report).toMatchObject({
    origin: `hf://owner/policy@${COMMIT}`,
    license: "gemma",
    nFiles: 2,
    nDownloaded: 2,
    left: ["pytorch_model.bin"],
  });
  expect(readFileSync(join(folder, "whole/model.safetensors")).equals(FILES["model.safetensors"]!)).toBe(true);
  expect(requests.filter((line) => line.startsWith("bytes=50000-")).length).toBeGreaterThan(0);
  expect(JSON.parse(readFileSync(join(folder, "whole/pull.json"), "utf8"))).toMatchObject({ license: "gemma" });
});

test("what is named with include comes, pickles too", async () => {
  expect(await pullModel("owner/policy", { ...options("some"), include: ["*.bin"] })).toMatchObject({ nFiles: 1 });
  expect(existsSync(join(folder, "some/pytorch_model.bin"))).toBe(true);
});

test("offline asks no server, and says what is missing or damaged", async () => {
  await pullModel("owner/policy", options("offline"));
  requests = [];
  const offline = { ...options("offline"), offline: true };
  expect(await pullModel("owner/policy", offline)).toMatchObject({ nFiles: 2, nDownloaded: 0, license: "gemma" });
  writeFileSync(join(folder, "offline/model.safetensors"), Buffer.alloc(200_000));
  const message = expect.stringContaining("model.safetensors is damaged") as string;
  await expect(pullModel("owner/policy", { ...offline, verify: true })).rejects.toMatchObject({
    code: "PVLA_PULL_OFFLINE",
    message,
  });
  rmSync(join(folder, "offline/config.json"));
  await expect(pullModel("owner/policy", offline)).rejects.toMatchObject({ code: "PVLA_PULL_OFFLINE" });
  await expect(pullModel("owner/policy", { ...offline, folder: join(folder, "none") })).rejects.toMatchObject({
    code: "PVLA_PULL_OFFLINE",
  });
  expect(requests).toEqual([]);
});

test("a gated repository without a token and a wrong name are refused in a sentence", async () => {
  await expect(pullModel("owner/policy", { hubUrl, folder: join(folder, "gated") })).rejects.toMatchObject({
    code: "PVLA_PULL_SERVER",
  });
  await expect(pullModel("openvla7b", options("x"))).rejects.toMatchObject({
    code: "PVLA_PULL_SOURCE",
    message: expect.stringContaining('Did you mean "openvla-7b"?') as string,
  });
});

test("a recipe's model is looked for at the path, where it was pulled, and in the Python tools' cache", () => {
  expect(parseModelRepo("hf://a/b@refs/pr/1")).toEqual({ repo: "a/b", revision: "refs/pr/1" });
  expect(parseModelRepo("../b")).toBeUndefined();
  const environment = { PIXELVLA_MODELS: join(folder, "models"), HF_HOME: join(folder, "hf") };
  expect(resolveModel("owner/cached", environment)).toBe("owner/cached");
  const cache = join(folder, "hf/hub/models--owner--cached");
  mkdirSync(join(cache, "snapshots", COMMIT), { recursive: true });
  mkdirSync(join(cache, "refs"));
  writeFileSync(join(cache, "refs/main"), COMMIT);
  expect(resolveModel("owner/cached", environment)).toBe(join(cache, "snapshots", COMMIT));
  mkdirSync(join(folder, "models/owner/cached"), { recursive: true });
  expect(resolveModel("owner/cached", environment)).toBe(join(folder, "models/owner/cached"));
  expect(resolveModel(folder, environment)).toBe(folder);
});
