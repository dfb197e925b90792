import { describe, expect, test } from "vitest";
import { writeRuns } from "./example-runs.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost } from "./studio.ts";

/** More than two pages of the table's 200 rows. */
const N_RUNS = 430;

describe.skipIf(!canRun)("Many runs", () => {
  test(
    "Ctrl-A and a range by Shift-End select rows that were never in sight; all are drawn",
    { timeout: 400_000 },
    async () => {
      const workspace = makeWorkspace();
      writeRuns(workspace, N_RUNS, 20);
      const host = await startHost(workspace);
      const page = await openStudio(await openBrowser(), host.url);
      await goTo(page, "/runs");
      const table = page.getByTestId("runs");
      await table.getByRole("row").nth(3).click({ timeout: 120_000 });
      await table.press("Control+a");
      const count = page.getByTestId("run-count");
      await expect.poll(() => count.textContent(), { timeout: 120_000 }).toBe("430 of 430 runs, 430 selected");
      const loss = page.getByTestId("chart-loss").locator(".line-chart");
      await expect
        .poll(() => loss.getAttribute("aria-label"), { timeout: 120_000 })
        .toMatch(/1 curves, last value 0\.1/);

      await table.getByRole("row").nth(3).click();
      await expect.poll(() => count.textContent()).toBe("430 of 430 runs, 1 selected");
      await table.press("Shift+End");
      await expect
        .poll(() => count.textContent(), { timeout: 120_000 })
        .toMatch(/^430 of 430 runs, 4(2[7-9]|30) selected$/);
    },
  );
});
