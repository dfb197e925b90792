/** Takes every view in both themes and two sizes into docs/screenshots: `npm run screenshots -w apps/studio/e2e`. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStudioHost } from "@pixelvla/studio-host";
import { chromium } from "playwright-core";
import { appDir, setup as buildApp } from "./build-app.ts";
import { chromiumFlags, findChromium } from "./chromium.ts";
import { writeRuns } from "./example-runs.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const out = join(root, "docs", "screenshots");
const sample = join(root, "..", "shared", "data", "octo-bridge-debug", "bridge_dataset", "1.0.0");
const workspace = mkdtempSync(join(tmpdir(), "pixelvla-shots-"));
for (const folder of ["runs", "datasets", "recipes"]) mkdirSync(join(workspace, folder));
await buildApp();
mkdirSync(out, { recursive: true });
// Pictures show paths: a copy in the workspace keeps the machine's own out of them.
const dataset = join(workspace, "datasets", "bridge_dataset", "1.0.0");
cpSync(sample, dataset, { recursive: true });
writeRuns(workspace, 14);
// A recorded and annotated set for the review; written beside the sample so that it is listed after it.
const cli = join(root, "apps", "cli", "bin", "pixelvla.js");
const tabletop = join(workspace, "datasets", "tabletop");
const recipe = join(root, "recipes", "annotate-embedded.yaml");
for (const args of [
  ["bench", "record", tabletop, "--episodes", "24", "--image-size", "224"],
  ["annotate", "run", tabletop, "--recipe", recipe, "--out", join(workspace, "runs", "annotate-tabletop")],
]) {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`pixelvla ${args.join(" ")}: ${stderr}`);
}

const host = await startStudioHost({
  workspace,
  datasets: [dataset],
  appDir,
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
      // The annotation job is listed among them and has no loss to show.
      const links = [...document.querySelectorAll(".run-body a")].filter(
        ({ textContent }) => !/annotate/.test(textContent),
      );
      return { rows: links.map((link) => link.getAttribute("href")!.split("/").at(-1)!) };
    });
    const store = await page.evaluate(async () => {
      location.hash = "/annotate";
      for (let i = 0; i < 50 && document.querySelector("[data-testid=stores] a") === null; i++)
        await new Promise((resolve) => setTimeout(resolve, 200));
      return document.querySelector("[data-testid=stores] a")!.getAttribute("href")!.slice(1);
    });
    const views: readonly [name: string, hash: string, ready: string][] = [
      ["grid", datasetPage, ".card img"],
      ["episode", `${datasetPage}/episodes/4?frame=4`, "[data-testid=path][data-frame-index]"],
      ["statistics", `${datasetPage}/statistics`, "[data-testid=statistics]"],
      ["runs", `/runs?sel=${rows.slice(0, 4).join(",")}&lead=${rows[0] ?? ""}`, "[data-testid=chart-loss]"],
      ["launch", "/runs?launch=new", "form"],
      ["run", `/runs/${rows[0] ?? ""}`, "[data-testid=chart-loss]"],
      ["annotate", "/annotate?launch=new", "[data-testid=stores] td"],
      ["review", store, "[data-testid=review-frame][data-url]"],
      ["annotation-job", `${store}/job`, "[data-testid=previews] img"],
      ["reviewers", `${store}/reviewers`, "[data-testid=progress]"],
      ["compose", "/compose?part=backbone", "[data-testid=choices] li"],
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
