/** Takes every view in both themes and two sizes into docs/screenshots: `npm run screenshots -w apps/studio/e2e`. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findAppDir, startStudioHost } from "@pixelvla/studio-host";
import { chromium } from "playwright-core";
import { chromiumFlags, findChromium } from "./chromium.ts";
import { writeRuns } from "./example-runs.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const out = join(root, "docs", "screenshots");
const sample = join(root, "..", "shared", "data", "octo-bridge-debug", "bridge_dataset", "1.0.0");
const workspace = mkdtempSync(join(tmpdir(), "pixelvla-shots-"));
for (const folder of ["runs", "datasets", "recipes"]) mkdirSync(join(workspace, folder));
mkdirSync(out, { recursive: true });
// Pictures show paths: a copy in the workspace keeps the machine's own out of them.
const dataset = join(workspace, "datasets", "bridge_dataset", "1.0.0");
cpSync(sample, dataset, { recursive: true });
writeRuns(workspace, 14);

const host = await startStudioHost({
  workspace,
  datasets: [dataset],
  appDir: findAppDir(),
  recipesDir: join(root, "recipes"),
});
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: chromiumFlags,
});
for (const theme of ["dark", "light"] as const)
  for (const [width, height] of [
    [1440, 900],
    [1920, 1080],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
    await context.addInitScript((scheme) => localStorage.setItem("mantine-color-scheme-value", scheme), theme);
    const page = await context.newPage();
    await page.goto(host.url);
    const datasetPage = (await page.locator(".dataset-item").first().getAttribute("href"))!.slice(1);
    const { rows } = await page.evaluate(async () => {
      location.hash = "/runs";
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const links = [...document.querySelectorAll(".run-body a")];
      return { rows: links.map((link) => link.getAttribute("href")!.split("/").at(-1)!) };
    });
    const views: readonly [name: string, hash: string, ready: string][] = [
      ["grid", datasetPage, ".card img"],
      ["episode", `${datasetPage}/episodes/4?frame=4`, "[data-testid=path][data-frame-index]"],
      ["statistics", `${datasetPage}/statistics`, "[data-testid=statistics]"],
      ["runs", `/runs?sel=${rows.slice(0, 4).join(",")}&lead=${rows[0] ?? ""}`, "[data-testid=chart-loss]"],
      ["launch", "/runs?launch=new", "form"],
      ["run", `/runs/${rows[0] ?? ""}`, "[data-testid=chart-loss]"],
      ["compare", `/runs/compare/${rows.slice(0, 3).join(",")}`, "[data-testid=diff] td"],
    ];
    for (const [name, hash, ready] of views) {
      await page.evaluate((next) => {
        location.hash = next;
      }, hash);
      await page.locator(ready).first().waitFor();
      await page.waitForTimeout(1200);
      const path = join(out, `${name}-${theme}-${width}.jpg`);
      await page.screenshot({ path, type: "jpeg", quality: 60 });
      process.stdout.write(`${path}\n`);
    }
    await context.close();
  }
await browser.close();
await host.close();
rmSync(workspace, { recursive: true, force: true });
