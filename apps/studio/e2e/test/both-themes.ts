import type { Page } from "playwright-core";
import { seriousViolations } from "./axe.ts";

/** Serious violations of the view as it stands, in its theme and in the other; the page is left as it was. */
export async function violationsInBothThemes(page: Page): Promise<string[]> {
  const found = (await seriousViolations(page)).map((violation) => `one theme: ${violation}`);
  await page.keyboard.press("Alt+t");
  await page.waitForTimeout(200);
  found.push(...(await seriousViolations(page)).map((violation) => `other theme: ${violation}`));
  await page.keyboard.press("Alt+t");
  return found;
}
