import { describe, expect, test } from "vitest";
import { writeSweep } from "./example-sweep.ts";
import { axePath } from "./axe.ts";
import { exportedTable } from "./exported-table.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";

describe.skipIf(!canRun)("Ablation page", () => {
  test("outcomes that are known beforehand are shown with intervals and paired differences, exported in three forms, and what failed is named", async () => {
    const workspace = makeWorkspace();
    writeSweep(workspace);
    const host = await startHost(workspace, { datasets: [] });
    const page = await openStudio(await openBrowser(), host.url, { bypassCSP: true, reducedMotion: "reduce" });
    await goTo(page, "/runs");
    await page.getByRole("link", { name: "two-by-two", exact: true }).first().click();
    await page.getByRole("link", { name: "Open the ablation table" }).click();
    await waitForAddress(page, "/ablation");
    const table = page.getByTestId("ablation");
    await table.waitFor();
    const rows = await table.locator("tbody tr").allTextContents();
    expect(rows[1]).toContain("Baseline reference25.0 [10.2, 49.5] n 16");
    expect(rows[2]).toContain("+ PUE87.5 [64.0, 96.5] n 16");
    expect(rows[2]).toContain("+62.5 [");
    expect(rows[2]).toMatch(/p = 0\.00\d/);

    const csv = await exportedTable(page, "CSV");
    expect(csv.name).toBe("two-by-two.csv");
    expect(csv.text).toContain("openvla,+ PUE,exact,seen objects,16,14,0.8750");
    const latex = await exportedTable(page, "LaTeX");
    expect(latex.text).toContain("\\begin{tabular}{lc}");
    expect(latex.text).toContain("$87.5_{64.0}^{96.5}$");
    const markdown = await exportedTable(page, "Markdown");
    expect(markdown.name).toBe("two-by-two.md");
    expect(markdown.text).toContain("| openvla | + PUE | exact | 87.5 [64.0, 96.5] | 16 | 87.5, 87.5 |");

    await page.addScriptTag({ path: axePath });
    expect(await violationsInBothThemes(page)).toEqual([]);
    const tasks = page.getByTestId("sweep-tasks");
    expect(await tasks.textContent()).toContain("7 of 8 done");
    expect(await tasks.textContent()).toContain("the machine was switched off");
    await page.getByRole("button", { name: "Take up 1 unfinished" }).click();
    await page.getByText("this host was not told where the pixelvla command is").waitFor();
  });
});
