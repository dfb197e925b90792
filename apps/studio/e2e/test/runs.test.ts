import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const pixelvla = [process.execPath, join(root, "apps", "cli", "bin", "pixelvla.js")];

/** A tiny recipe that trains two steps a second on a busy core and would go on for hours. */
const changes = ["training.steps = 100000", "training.batchSize = 2", "training.checkpoint.everySteps = 100000"].join(
  "\n",
);

const state = (page: Page) => page.getByTestId("state").textContent();
async function waitForState(page: Page, word: string, timeout = 60_000): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelector("[data-testid=state]")?.textContent.trim().startsWith(wanted),
    word,
    { timeout },
  );
}
const stepsDone = async (page: Page) =>
  Number((await page.getByTestId("progress").textContent())!.split(" of ")[0]!.replaceAll(",", ""));

/** Losses that the run has written, in order. */
function losses(workspace: string, name: string): number[] {
  return readFileSync(join(workspace, "runs", name, "metrics.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { loss?: number }).loss)
    .filter((loss) => loss !== undefined);
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(!canRun)("Runs", () => {
  test(
    "a run is launched, its loss is seen to fall, the page closes and opens again, the run stops and resumes",
    { timeout: 170_000 },
    async () => {
      const workspace = makeWorkspace();
      const host = await startHost(workspace, { pixelvla, recipesDir: join(root, "recipes") });
      const browser = await openBrowser();
      let page = await openStudio(browser, host.url);
      await goTo(page, "/runs?launch=new");
      const form = page.getByRole("form", { name: "New run" });
      await form.getByRole("combobox", { name: "Recipe" }).click();
      await page.getByRole("option", { name: "openvla-tiny", exact: true }).click();
      await form.getByRole("textbox", { name: "Name" }).fill("watched");
      await form.getByRole("textbox", { name: "Changes" }).fill(changes);
      await doctorIsDone(page);
      const overFail = form.getByRole("checkbox", { name: "Launch although a check fails" });
      expect(await overFail.count()).toBe(0);
      await form.getByRole("button", { name: "Launch" }).click();
      await waitForAddress(page, "#/runs/watched");
      const address = page.url();
      await waitForState(page, "running");
      await page.getByTestId("chart-loss").waitFor({ timeout: 60_000 });
      await expect
        .poll(() => losses(workspace, "watched").length, { timeout: 60_000, interval: 500 })
        .toBeGreaterThan(24);
      const early = losses(workspace, "watched");
      expect(mean(early.slice(-6))).toBeLessThan(mean(early.slice(0, 3)));
      await expect.poll(() => lastValueOfChart(page), { timeout: 60_000 }).toBeLessThan(early[0]!);
      expect(await page.getByTestId("log").textContent()).not.toBe("");

      await page.context().close();
      page = await openStudio(browser, host.url);
      await page.evaluate((to) => location.assign(to), address);
      await waitForState(page, "running", 15_000);
      expect(await stepsDone(page)).toBeGreaterThanOrEqual(early.length);

      await page.getByRole("button", { name: "Stop" }).click();
      await waitForState(page, "stopped");
      const stoppedAt = await stepsDone(page);
      await page.getByText("(latest)").waitFor({ timeout: 60_000 });
      await page.getByRole("button", { name: "Resume" }).click();
      await waitForState(page, "running");
      await expect.poll(() => stepsDone(page), { timeout: 60_000, interval: 500 }).toBeGreaterThan(stoppedAt);
      await page.getByRole("button", { name: "Stop" }).click();
      await waitForState(page, "stopped");
      expect(await state(page)).toContain("stopped");
    },
  );
});

describe.skipIf(!canRun)("The launch panel", () => {
  test(
    "the doctor's findings show with their remedies, and follow the changes; an examination can be stopped",
    { timeout: 170_000 },
    async () => {
      const host = await startHost(makeWorkspace(), { pixelvla, recipesDir: join(root, "recipes") });
      const page = await openStudio(await openBrowser(), host.url);
      await goTo(page, "/runs?launch=recipe:tabletop-openvla-tiny");
      const form = page.getByRole("form", { name: "New run" });
      const lines = form.getByRole("textbox", { name: "Changes" });
      await lines.fill("training.init = tabletop-openvla-tiny\ntraining.data.gripper = unit");
      await doctorIsDone(page);
      const finding = page.locator("[data-testid=doctor] [data-level=fail]", { hasText: "gripper target" });
      expect(await finding.textContent()).toContain("Set training.data.gripper to signed");
      const launch = form.getByRole("button", { name: "Launch" });
      expect(await launch.isDisabled()).toBe(true);
      expect(await form.getByRole("checkbox", { name: "Launch although a check fails" }).count()).toBe(1);

      await lines.fill("training.init = tabletop-openvla-tiny");
      await doctorIsDone(page);
      const text = await page.getByTestId("doctor").textContent();
      expect(text).toContain("gripper target pass");
      expect(text).not.toContain("Set training.data.gripper");

      await lines.fill("training.steps = 7");
      await page.getByTestId("doctor-progress").getByRole("button", { name: "Stop" }).click();
      await page.getByText("Not examined to the end.").waitFor();
      expect(await launch.isEnabled()).toBe(true);
    },
  );
});

/** Waits until the examination of what the form holds now has begun and is over. */
async function doctorIsDone(page: Page): Promise<void> {
  await page.getByTestId("doctor-progress").waitFor({ timeout: 30_000 });
  await page.getByTestId("doctor-progress").waitFor({ state: "detached", timeout: 90_000 });
}

/** The last smoothed value of the loss chart, as it tells screen readers. */
async function lastValueOfChart(page: Page): Promise<number> {
  const label = await page.getByTestId("chart-loss").locator(".line-chart").getAttribute("aria-label");
  return Number(/last value ([\d.e-]+)/.exec(label ?? "")?.[1] ?? Infinity);
}
