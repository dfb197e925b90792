import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { _electron } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { findElectron } from "../src/index.ts";

const binary = findElectron();
const folder = fileURLToPath(new URL("..", import.meta.url));
const isBuilt = existsSync(join(folder, "dist", "main.js"));
const why =
  binary === undefined
    ? "skipped: no Electron binary is installed here"
    : isBuilt
      ? ""
      : "skipped: run `npx nx build @pixelvla/studio-electron` first";

test.skipIf(why !== "")(
  `the real window shows the studio, without Node, permissions or remote content${why && ` (${why})`}`,
  { timeout: 60_000 },
  async () => {
    const workspace = mkdtempSync(join(tmpdir(), "pixelvla-window-"));
    mkdirSync(join(workspace, "runs"));
    onTestFinished(() => rmSync(workspace, { recursive: true, force: true }));
    const cli = fileURLToPath(new URL("../../../cli/bin/pixelvla.js", import.meta.url));
    const task = { workspace, datasets: [], pixelvla: [process.execPath, cli] };
    const app = await _electron.launch({
      executablePath: binary!,
      args: [folder],
      env: { ...process.env, PIXELVLA_STUDIO: JSON.stringify(task) },
    });
    onTestFinished(() => app.close());
    const page = await app.firstWindow();
    expect(page.url()).toMatch(/^pixelvla:\/\/app\//);
    const facts = await page.evaluate(async () => ({
      hasNode: "process" in globalThis || "require" in globalThis,
      bridge: Object.keys((globalThis as unknown as { studio: object }).studio),
      remote: await fetch("https://example.com/").then(
        () => "loaded",
        () => "refused",
      ),
      opened: globalThis.open("https://example.com/") === null,
      notifications: await Notification.requestPermission(),
    }));
    expect(facts).toEqual({
      hasNode: false,
      bridge: ["rpcUrl"],
      remote: "refused",
      opened: true,
      notifications: "denied",
    });
  },
);

test.runIf(binary === undefined)(
  "without a binary the command says so by giving none, and the studio is served to a browser",
  async () => {
    const { electronCommand } = await import("../src/index.ts");
    expect(electronCommand({ workspace: ".", datasets: [], pixelvla: ["node"] })).toBeUndefined();
  },
);
