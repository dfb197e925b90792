import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

/** Presses an export button of the ablation page and reads the file it saves. */
export async function exportedTable(page: Page, label: string): Promise<{ name: string; text: string }> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: label, exact: true }).click();
  const download = await waiting;
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}
