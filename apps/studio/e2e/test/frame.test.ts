import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { axePath, seriousViolations } from "./axe.ts";
import { writeRuns } from "./example-runs.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";

const recipesDir = fileURLToPath(new URL("../../../../recipes", import.meta.url));

/** Every view with what is on it once it has loaded. */
const viewsOf = (
  dataset: string,
  run: string,
  other: string,
): readonly [name: string, hash: string, ready: string][] => [
  ["datasets", "/datasets", ".dataset-item"],
  ["grid", dataset, ".card img"],
  ["episode", `${dataset}/episodes/4?frame=3`, "[data-testid=cursor]"],
  ["statistics", `${dataset}/statistics`, "[data-testid=statistics]"],
  ["runs", `/runs?sel=${run},${other}`, "[data-testid=chart-loss]"],
  ["launch", "/runs?launch=new", "form"],
  ["run", `/runs/${run}`, "[data-testid=chart-loss]"],
  ["compare", `/runs/compare/${run},${other}`, "[data-testid=diff] td"],
  ["annotate", "/annotate?launch=new", "form"],
  ["compose", "/compose?part=decoder", "[data-testid=choices] li"],
  ["nowhere", "/nowhere", ".empty"],
];

describe.skipIf(!canRun)("Frame", () => {
  test.each(["dark", "light"] as const)(
    "no view has a serious accessibility violation in the %s theme",
    { timeout: 110_000 },
    async (theme) => {
      const workspace = makeWorkspace();
      writeRuns(workspace, 3);
      const host = await startHost(workspace, { recipesDir });
      const page = await openStudio(await openBrowser(), host.url, { theme, bypassCSP: true, reducedMotion: "reduce" });
      await page.addScriptTag({ path: axePath });
      const dataset = (await page.locator(".dataset-item").first().getAttribute("href"))!.slice(1);
      await goTo(page, "/runs");
      await page.locator(".run-body a").first().waitFor();
      const runs = await page
        .locator(".run-body a")
        .evaluateAll((links) => links.map((link) => link.getAttribute("href")!.split("/").at(-1)!));
      const found: string[] = [];
      for (const [name, hash, ready] of viewsOf(dataset, runs[0]!, runs[1]!)) {
        await goTo(page, hash);
        await page.locator(ready).first().waitFor();
        found.push(...(await seriousViolations(page)).map((violation) => `${name}: ${violation}`));
      }
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").waitFor();
      found.push(...(await seriousViolations(page)).map((violation) => `palette: ${violation}`));
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard map" }).waitFor();
      found.push(...(await seriousViolations(page)).map((violation) => `keys: ${violation}`));
      expect(found).toEqual([]);
    },
  );

  test("every place is reached by keyboard: palette, rooms, grid, panels, themes", async () => {
    const workspace = makeWorkspace();
    writeRuns(workspace, 2);
    const host = await startHost(workspace);
    const page = await openStudio(await openBrowser(), host.url);
    await page.keyboard.press("Alt+2");
    await waitForAddress(page, "#/annotate");
    await page.keyboard.press("Alt+3");
    await waitForAddress(page, "#/compose");
    await page.keyboard.press("Alt+4");
    await waitForAddress(page, "#/runs");
    await page.keyboard.press("Alt+1");
    await waitForAddress(page, "#/datasets");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("bridge 1.0");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page
      .getByRole("option", { name: /Dataset$/ })
      .first()
      .waitFor();
    await page.getByRole("combobox").fill("1.0.0 dataset");
    await page.keyboard.press("Enter");
    await page.locator(".card").first().waitFor();
    await page.locator(".card").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset["position"] === "1");
    await page.keyboard.press("Enter");
    await waitForAddress(page, "episodes/");
    await page.getByTestId("frame").waitFor();
    expect(await page.getByRole("complementary").count()).toBe(1);
    await page.keyboard.press("Control+i");
    expect(await page.getByRole("complementary").count()).toBe(0);
    await page.keyboard.press("Control+i");
    const resizer = page.getByRole("separator", { name: "Width of the list" });
    const before = Number(await resizer.getAttribute("aria-valuenow"));
    await resizer.focus();
    await page.keyboard.press("ArrowRight");
    expect(Number(await resizer.getAttribute("aria-valuenow"))).toBe(before + 16);
    await page.keyboard.press("Alt+t");
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("light");
    await page.reload();
    await page.getByTestId("frame").waitFor();
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("light");
    expect(Number(await resizer.getAttribute("aria-valuenow"))).toBe(before + 16);
  });

  test("after a restart of the host the page reconnects by itself and goes on", async () => {
    const workspace = makeWorkspace();
    const first = await startHost(workspace);
    const page = await openStudio(await openBrowser(), first.url);
    await page.locator(".dataset-item").first().click();
    await page.locator(".card").first().waitFor();
    await first.close();
    await page.locator("[data-state=lost]").waitFor();
    await startHost(workspace, { port: first.port, token: first.token });
    await page.locator(".bar-host[data-state=open]").waitFor({ timeout: 60_000 });
    await page.getByRole("textbox", { name: "Search episodes" }).fill("lever");
    await page.getByText("12 of 50 episodes").waitFor();
  });
});
