import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { exportedTable } from "./exported-table.ts";
import { SMALL_SWEEP } from "./small-sweep.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, root, startHost, waitForAddress } from "./studio.ts";
import { pixelvla, recordDemos } from "./tabletop.ts";

/** States of the sweep's cells by name, from their own directories. */
function cellStates(dir: string): Record<string, { state: string; pid: number | null }> {
  const cells = join(dir, "cells");
  return Object.fromEntries(
    readdirSync(cells).flatMap((id) => {
      try {
        return [[id, JSON.parse(readFileSync(join(cells, id, "status.json"), "utf8")) as never]];
      } catch {
        return []; // not begun
      }
    }),
  );
}

/** Waits for a training cell at work and kills its process, as a machine that is switched off would. */
async function killOneTraining(dir: string): Promise<string> {
  for (let tries = 0; tries < 1500; tries++) {
    const found = Object.entries(cellStates(dir)).find(
      ([id, { state, pid }]) => !id.includes(".eval.") && state === "running" && pid !== null,
    );
    if (found !== undefined) {
      process.kill(found[1].pid!, "SIGKILL");
      return found[0];
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no training cell began within 150 s: ${JSON.stringify(cellStates(dir))}`);
}

/** Successes of an arm over all its seeds, from the episodes on disk. */
function successes(dir: string, arm: string): number {
  const cells = join(dir, "cells");
  const lines = readdirSync(cells)
    .filter((id) => id.startsWith(`openvla.${arm}.`) && id.includes(".eval."))
    .flatMap((id) =>
      readFileSync(join(cells, id, "results", "episodes.jsonl"), "utf8")
        .trim()
        .split("\n"),
    );
  expect(lines).toHaveLength(4);
  return lines.filter((line) => (JSON.parse(line) as { result: { success: boolean } }).result.success).length;
}

const tasks = (page: Page) => page.getByTestId("sweep-tasks");

describe.skipIf(!canRun)("Sweeps", () => {
  test(
    "a 2 x 2 sweep is planned, launched, loses a cell, is taken up again, and its table is what its episodes say",
    { timeout: 600_000, retry: 0 },
    async () => {
      const workspace = makeWorkspace();
      await recordDemos(workspace, 4);
      mkdirSync(join(workspace, "recipes", "sweeps"), { recursive: true });
      writeFileSync(join(workspace, "recipes", "sweeps", "two-by-two.yaml"), JSON.stringify(SMALL_SWEEP));
      const host = await startHost(workspace, { pixelvla, recipesDir: join(root, "recipes"), datasets: [] });
      const page = await openStudio(await openBrowser(), host.url, { reducedMotion: "reduce" });
      await goTo(page, "/runs");
      await page.getByRole("button", { name: "New ablation" }).click();
      const form = page.getByRole("form", { name: "New ablation" });

      await form.getByRole("combobox", { name: "Sweep" }).click();
      await page.getByRole("option", { name: "two-by-two", exact: true }).click();
      const preview = page.getByTestId("sweep-preview");
      await preview.getByText("4, 160 train steps in all").waitFor({ timeout: 60_000 });
      expect(await preview.textContent()).toContain("4, 8 episodes");
      expect(await preview.textContent()).toContain("seen objects499 points");
      expect(await page.getByTestId("doctor").textContent()).toContain("4 training runs and 4 evaluations compose");

      await form.getByRole("textbox", { name: "Training seeds" }).fill("0, 1, 1");
      await form.getByText("A seed stands there twice.").waitFor();
      expect(await form.getByRole("button", { name: "Launch" }).isDisabled()).toBe(true);
      await form.getByRole("textbox", { name: "Training seeds" }).fill("");
      await form.getByRole("textbox", { name: "Changes" }).fill("training.steps = many");
      await page.getByTestId("doctor").getByText("fail", { exact: true }).waitFor();
      await form.getByRole("textbox", { name: "Changes" }).fill("training.steps = 20");
      await preview.getByText("4, 80 train steps in all").waitFor();
      await form.getByRole("button", { name: "Launch" }).click();

      await waitForAddress(page, "/ablation");
      const dir = join(
        workspace,
        "runs",
        readdirSync(join(workspace, "runs")).find((name) => name[0] !== ".")!,
      );
      await tasks(page).waitFor({ timeout: 60_000 });
      expect(await page.getByTestId("ablation").textContent()).toContain("PixelVLA");
      const killed = await killOneTraining(dir);
      const resubmit = page.getByRole("button", { name: /^Take up \d unfinished/ });
      await expect.poll(() => resubmit.isEnabled().catch(() => false), { timeout: 240_000 }).toBe(true);
      const states = await tasks(page).getByRole("listitem").allTextContents();
      expect(states.find((text) => text.startsWith(killed))).toMatch(/lost|failed/);
      await resubmit.click();
      await tasks(page).getByText("8 of 8 done").waitFor({ timeout: 240_000 });

      const rows = page.getByTestId("ablation").locator("tbody tr");
      for (const [row, arm, name] of [
        [1, "text-only", "Text only"],
        [2, "pixelvla", "PixelVLA"],
      ] as const) {
        const share = ((100 * successes(dir, arm)) / 4).toFixed(1);
        await expect.poll(() => rows.nth(row).textContent()).toContain(`${share} [`);
        expect(await rows.nth(row).textContent()).toMatch(new RegExp(`^${name}.*n 4`));
      }
      const share = (successes(dir, "pixelvla") / 4).toFixed(4);
      const csv = await exportedTable(page, "CSV");
      expect(csv.text).toContain(`openvla,PixelVLA,exact,seen objects,4,${successes(dir, "pixelvla")},${share}`);
      expect((await exportedTable(page, "LaTeX")).text).toContain("PixelVLA");
      const markdown = await exportedTable(page, "Markdown");
      expect(markdown.text).toMatch(/\| openvla \| PixelVLA \| exact \| [\d.]+ \[[\d.]+, [\d.]+\] \| 4 \|/);
    },
  );
});
