/** Takes Playground, Bench and the ablation page in both themes and two sizes into docs/screenshots: `npm run screenshots:bench -w apps/studio/e2e`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStudioHost } from "@pixelvla/studio-host";
import { chromium, type Page } from "playwright-core";
import { appDir, setup as buildApp } from "./build-app.ts";
import { chromiumFlags, findChromium } from "./chromium.ts";
import { SMALL_SWEEP } from "./small-sweep.ts";
import { pixelvla, recordDemos, runPixelvla, trainPixelPolicy } from "./tabletop.ts";

const out = fileURLToPath(new URL("../../../../docs/screenshots", import.meta.url));
await buildApp();
mkdirSync(out, { recursive: true });
const workspace = mkdtempSync(join(tmpdir(), "pixelvla-shots-"));
for (const folder of ["runs", "datasets", "recipes"]) mkdirSync(join(workspace, folder));
await recordDemos(workspace, 4);
await trainPixelPolicy(workspace, "pixelvla-tiny", 30);
await trainPixelPolicy(workspace, "pixelvla-tiny-short", 8);
const run = join(workspace, "runs", "pixelvla-tiny");
const grid = ["--tasks=pick", "--variants=base,table-marble,camera-high", "--mask-source=exact", "--end=settled"];
await runPixelvla(
  "bench",
  "run",
  `--policy=${run}`,
  ...grid,
  "--episodes=3",
  "--threads=1",
  `--out=${workspace}/runs/bench-pixelvla`,
);
// A real sweep of a minute: four runs and their evaluations. Its figures are no results, but they are what its episodes say.
const sweepFile = join(workspace, "recipes", "two-by-two.yaml");
writeFileSync(sweepFile, JSON.stringify({ ...SMALL_SWEEP, evaluation: { tasks: ["pick"], episodes: 8 } }));
await runPixelvla(
  "sweep",
  sweepFile,
  `--dataset=${join(workspace, "datasets", "demos")}`,
  `--out=${join(workspace, "runs", "two-by-two")}`,
);

const host = await startStudioHost({ workspace, appDir, pixelvla });
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: chromiumFlags,
});

/** Goes to a view and waits for what is on it. */
async function open(page: Page, hash: string, ready: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next;
  }, hash);
  await page.locator(ready).first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1000);
}

async function runIds(page: Page): Promise<Record<string, string>> {
  await open(page, "/runs", ".run-body a");
  const links = await page.locator(".run-body a").evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
  const ids = links.map((href) => href.split("/")[2]!);
  const of = (name: string) => ids.find((id) => id.startsWith(name) && !id.startsWith(`${name}-short`))!;
  return {
    policy: of("pixelvla-tiny"),
    other: ids.find((id) => id.startsWith("pixelvla-tiny-short"))!,
    evaluation: of("bench-pixelvla"),
    sweep: of("two-by-two"),
  };
}

/** Every view: where it is, what is done there, and when it is ready. */
const views: readonly [name: string, visit: (page: Page, ids: Record<string, string>) => Promise<void>][] = [
  [
    "playground",
    async (page, { policy, other }) => {
      await open(page, `/playground?run=${policy}&b=${other}`, "[data-testid=chunk-3d][data-chunks='3']");
      const box = (await page.getByTestId("draw").boundingBox())!;
      await page.keyboard.press("3");
      await page.mouse.move(box.x + 0.15 * box.width, box.y + 0.61 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.32 * box.width, box.y + 0.85 * box.height, { steps: 4 });
      await page.mouse.up();
      await page.locator("[data-testid=draw-overlay][data-has-mask=true]").waitFor({ timeout: 30_000 });
      await page.waitForTimeout(1500);
    },
  ],
  [
    "playground-look",
    async (page) => {
      await page.keyboard.press("t");
      await page.locator("[data-testid=draw-overlay][data-has-look=true]").waitFor();
      await page.waitForTimeout(500);
    },
  ],
  [
    "bench",
    async (page) => {
      await open(page, "/bench", "form");
      await page.getByRole("button", { name: "Watch one" }).click();
      await page.locator("[data-testid=rollout][data-over=true]").waitFor({ timeout: 90_000 });
      for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowLeft");
      await page.waitForTimeout(800);
    },
  ],
  ["evaluation", (page, { evaluation }) => open(page, `/bench/${evaluation}`, "[data-testid=matrix]")],
  [
    "replay",
    async (page, { evaluation }) => {
      await open(page, `/bench/${evaluation}?line=2`, "[data-testid=rollout][data-over=true]");
      await page.locator("[data-testid=similar] li").first().waitFor({ timeout: 20_000 });
      for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowLeft");
      await page.waitForTimeout(800);
    },
  ],
  ["ablation", (page, { sweep }) => open(page, `/runs/${sweep}/ablation`, "[data-testid=ablation]")],
];

for (const theme of ["dark", "light"] as const)
  for (const [width, height] of [
    [1440, 900],
    [1920, 1080],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
    await context.addInitScript((scheme) => localStorage.setItem("mantine-color-scheme-value", scheme), theme);
    const page = await context.newPage();
    await page.goto(host.url);
    await page.waitForSelector("[data-state=open]"); // the login goes on to the page by itself
    const ids = await runIds(page);
    for (const [name, visit] of views) {
      await visit(page, ids);
      const path = join(out, `${name}-${theme}-${width}.jpg`);
      await page.screenshot({ path, type: "jpeg", quality: 60 });
      process.stdout.write(`${path}\n`);
    }
    await context.close();
  }
await browser.close();
await host.close();
rmSync(workspace, { recursive: true, force: true });
