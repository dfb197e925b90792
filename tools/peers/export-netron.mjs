// Exports tiny policies with `pixelvla export`, checks every model with onnx's own checker and opens it in Netron in Chromium:
// `node tools/peers/export-netron.mjs [RECIPE …]` (the six tiny ones). Needs `npm run peers:setup models` and tools/browser/install.sh.
// With PIXELVLA_NETRON_PICTURES=FOLDER, a picture of each is left there. Ends with 1 when a model is refused or a node is not shown.
/* global fetch, performance, window */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const python = join(here, ".venv/bin/python");
const pictures = process.env.PIXELVLA_NETRON_PICTURES;
const RECIPES = [
  "openvla-oft-tiny",
  "openvla-tiny",
  "openvla-tokens-tiny",
  "pi0-tiny",
  "pixelvla-openvla-tiny",
  "pixelvla-pi0-tiny",
];
const PATIENCE_MS = 300_000;

/** `PIXELVLA_CHROMIUM`, or the system's, as the studio's browser tests find it. */
function findChromium() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const places = names.flatMap((name) => folders.map((at) => join(at, name)));
  const found = process.env.PIXELVLA_CHROMIUM ?? places.find((place) => existsSync(place));
  if (found === undefined) throw new Error("no Chromium; tools/browser/install.sh installs one");
  return found;
}

function exported(name, folder) {
  const out = join(folder, name);
  const pair = name.includes("pi0") ? ["--cached-prefix"] : [];
  const args = ["export", join(root, "recipes", `${name}.yaml`), "--out", out, "--measure", "1", ...pair];
  const { status, stderr } = spawnSync(process.execPath, [join(root, "apps/cli/bin/pixelvla.js"), ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`pixelvla export ${name}: ${stderr}`);
  return readdirSync(out)
    .filter((file) => file.endsWith(".onnx"))
    .map((file) => join(out, file));
}

/** Runs onnx's checker and Netron's server on one model. */
async function served(file) {
  const child = spawn(python, ["-W", "ignore", join(here, "serve_netron.py"), file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const facts = await new Promise((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(JSON.parse(data.toString())));
    child.once("exit", (code) => reject(new Error(`serve_netron.py ended with ${code} on ${file}`)));
  });
  return { facts, stop: () => child.stdin.end() };
}

/** What Netron shows of the model: its nodes, its inputs and outputs, and where it says the first weight lies. */
async function shown(browser, { url, nodes, constants }, picture) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies([{ name: "consent", value: "1", url }]);
  await context.route(
    (asked) => asked.origin !== url,
    (route) => route.abort(),
  ); // it asks who is there, and counts visits
  const page = await context.newPage();
  // Netron takes eval away from its page; what reads the page needs it.
  await page.addInitScript(() => {
    const kept = window.eval;
    Object.defineProperty(window, "eval", { get: () => kept, set() {} });
  });
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  // Netron stops with a message when it is older than half a year; its own date makes that no matter here.
  const date = /<meta name="date" content="([^"]+)"/.exec(await (await fetch(url)).text())?.[1];
  if (date !== undefined) await page.clock.setFixedTime(new Date(`${date.replace(" ", "T")}Z`));
  await page.goto(url);
  const drawn = page.locator(".graph-node");
  const giveUpMs = performance.now() + PATIENCE_MS;
  while ((await drawn.count()) < nodes - constants) {
    if (performance.now() > giveUpMs) {
      const message = await page.locator("#message-text").textContent();
      throw new Error(`Netron shows ${await drawn.count()} of ${nodes} nodes; it says: ${message}`);
    }
    await setTimeout(200);
  }
  await page.locator("body.default").waitFor({ timeout: PATIENCE_MS }); // laid out and in sight, no longer behind Netron's title
  const found = {
    nodes: await drawn.count(),
    inputs: await page.locator(".graph-item-input").allTextContents(),
    outputs: await page.locator(".graph-item-output").allTextContents(),
  };
  if (picture !== undefined) await page.screenshot({ path: picture });
  await context.close();
  if (errors.length > 0) throw new Error(`Netron's page: ${errors.join("; ")}`);
  return found;
}

/** Whether Netron's labels, each a name and then its type (`imagefloat32[1,64,64,3]`), are those of `names`. */
const labels = (texts, names) =>
  texts.length === names.length &&
  names.every((name) =>
    texts.some((text) => text.startsWith(name) && /^[a-z]+\d*\[[\d,]*\]$/.test(text.slice(name.length))),
  );

const folder = mkdtempSync(join(tmpdir(), "pixelvla-netron-"));
const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
try {
  if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
  const names = process.argv.length > 2 ? process.argv.slice(2) : RECIPES;
  for (const name of names)
    for (const file of exported(name, folder)) {
      const { facts, stop } = await served(file);
      const model = file.slice(folder.length + 1);
      try {
        const picture = pictures && join(pictures, `${model.replaceAll("/", "-").replace(".onnx", "")}.png`);
        const found = await shown(browser, facts, picture);
        const isWhole =
          found.nodes === facts.nodes - facts.constants &&
          labels(found.inputs, facts.inputs) &&
          labels(found.outputs, facts.outputs) &&
          facts.external > 0;
        if (!isWhole) process.exitCode = 1;
        const { onnx, netron, nodes, constants, initializers, external } = facts;
        process.stdout.write(
          `${JSON.stringify({ model, isWhole, shown: found.nodes, nodes, constants, initializers, external, onnx, netron, ...(isWhole ? {} : { found, facts }) })}\n`,
        );
      } finally {
        stop();
      }
    }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
