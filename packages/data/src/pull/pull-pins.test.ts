import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KnownModel } from "./known-models.ts";
import { pullModel } from "./pull-model.ts";

// A real small model file behind a hub of our own: its hash is pinned here, whatever the hub says of it.

const FILE = "nanotrack_backbone.onnx";
const MODELS = fileURLToPath(new URL("../../../../../shared/data/models/", import.meta.url));
const present = existsSync(join(MODELS, "nanotrack-v3", FILE));
if (!present) console.warn("skipped: the real small weights are not beside the repository (../shared/data/models)");

const REVISION = "0123456789abcdef0123456789abcdef01234567";
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe.skipIf(!present)("a real file with a pinned hash", () => {
  const real = present ? readFileSync(join(MODELS, "nanotrack-v3", FILE)) : Buffer.alloc(0);
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-pins-"));
  let server: Server;
  let hubUrl = "";
  let served = real;
  /** Connections that are cut in the middle of the file. */
  let breaks = 0;
  let requests: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url!, "http://x").pathname);
      requests.push(`${path} ${request.headers.range ?? ""}`.trim());
      const json = (value: unknown) =>
        response.setHeader("content-type", "application/json").end(JSON.stringify(value));
      if (path.includes("/revision/"))
        return void json({ id: "owner/nano", sha: REVISION, cardData: { license: "apache-2.0" } });
      // The hub vouches for whatever it serves: only the pin can tell that the file is another one.
      const lfs = { oid: sha256(served), size: served.length, pointerSize: 130 };
      if (path.includes("/tree/"))
        return void json([{ type: "file", path: FILE, size: served.length, oid: "0".repeat(40), lfs }]);
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { "content-length": served.length - from });
      if (breaks-- > 0)
        return void response.write(served.subarray(from, from + 400_000), () =>
          setTimeout(() => response.destroy(), 20),
        );
      response.end(served.subarray(from));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    [served, breaks, requests] = [real, 0, []];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const nano: KnownModel = {
    repo: `owner/nano@${REVISION}`,
    note: "a tracker's backbone",
    include: ["*.onnx"],
    sha256: { [FILE]: "50be1320abf9384fd3479ea829f95e244cf3f3838190c5ab60c750fb8c1ce828" },
  };
  const options = (name: string) => ({ hubUrl, folder: join(folder, name), known: { nano } });

  test("arrives whole over connections that break, each going on where the last one stopped", async () => {
    breaks = 2;
    const report = await pullModel("nano", options("whole"));
    expect(report).toMatchObject({ origin: `hf://owner/nano@${REVISION}`, license: "apache-2.0", nDownloaded: 1 });
    expect(readFileSync(join(folder, "whole", FILE)).equals(real)).toBe(true);
    const starts = requests.flatMap((line) => /bytes=(\d+)-/.exec(line)?.[1] ?? []).map(Number);
    expect(starts).toHaveLength(2);
    expect(starts[0]).toBeGreaterThan(0);
    expect(starts[1]).toBeGreaterThan(starts[0]!);
    expect(await pullModel("nano", options("whole"))).toMatchObject({ nFiles: 1, nDownloaded: 0 });
  });

  test("is refused when the hub serves another file, even if the hub's own hash fits that; nothing is left under its name", async () => {
    served = Buffer.from(real);
    served[1000]! ^= 1;
    await expect(pullModel("nano", options("forged"))).rejects.toMatchObject({ code: "PVLA_PULL_HASH" });
    const left = existsSync(join(folder, "forged")) ? readdirSync(join(folder, "forged")) : [];
    expect(left).not.toContain(FILE);
  });

  test("is served from its folder offline, and damage there is found", async () => {
    await pullModel("nano", options("offline"));
    requests = [];
    const offline = { ...options("offline"), offline: true, verify: true };
    expect(await pullModel("nano", offline)).toMatchObject({ nFiles: 1, nBytes: real.length, license: "apache-2.0" });
    rmSync(join(folder, "offline", FILE));
    await expect(pullModel("nano", offline)).rejects.toMatchObject({ code: "PVLA_PULL_OFFLINE" });
    expect(requests).toEqual([]);
  });
});
