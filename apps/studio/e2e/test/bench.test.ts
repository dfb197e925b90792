import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { axePath } from "./axe.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";
import { pixelvla } from "./tabletop.ts";

const stepShown = async (page: Page) => Number(await page.getByTestId("scene").getAttribute("data-step"));

describe.skipIf(!canRun)("Bench", () => {
  test(
    "the expert is watched to its success, paused and taken step by step; the null policy fails and its replay opens",
    { timeout: 240_000 },
    async () => {
      const workspace = makeWorkspace();
      const host = await startHost(workspace, { pixelvla, datasets: [] });
      const page = await openStudio(await openBrowser(), host.url, { bypassCSP: true, reducedMotion: "reduce" });
      await goTo(page, "/bench");
      const form = page.getByRole("form", { name: "Rollouts" });
      await form.getByRole("combobox", { name: "Pace of watching" }).click();
      await page.getByRole("option", { name: "step by step" }).click();
      await form.getByRole("button", { name: "Watch one" }).click();
      await page.locator("[data-testid=scene][data-step='0']").waitFor({ timeout: 60_000 });
      await page.waitForTimeout(600);
      expect(await stepShown(page)).toBe(0); // it waits for the user
      await page.keyboard.press(".");
      await page.locator("[data-testid=scene][data-step='1']").waitFor();
      expect(await page.getByTestId("policy-camera").getAttribute("data-step")).not.toBeNull();
      await page.getByRole("button", { name: "Play" }).click();
      await page.locator("[data-testid=rollout][data-over=true]").waitFor({ timeout: 60_000 });
      expect(await page.getByTestId("outcome").textContent()).toContain("success");
      const height = async () => Number((await page.getByTestId("scene").getAttribute("data-hand"))!.split(" ")[2]);
      const lifted = await height();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft");
      expect(await height()).toBeLessThan(lifted); // the end of a pick goes up

      await form.getByRole("combobox", { name: "Policy" }).click();
      await page.getByRole("option", { name: "null (never moves)" }).click();
      await form.getByRole("textbox", { name: "Episodes a cell" }).fill("2");
      await form.getByRole("button", { name: "Evaluate" }).click();
      await waitForAddress(page, "#/bench/bench-null");
      await page.getByRole("button", { name: /^Seed 1: / }).waitFor({ timeout: 120_000 });
      const cell = (await page.getByTestId("matrix").locator("td").first().textContent())!;
      expect(cell).toContain("0 %");
      expect(cell).toContain("n 2");
      await page.getByRole("button", { name: "Seed 0: time-out" }).click();
      await page.locator("[data-testid=rollout][data-over=true]").waitFor({ timeout: 60_000 });
      expect(await page.getByTestId("episode-facts").textContent()).toContain("time-out");
      await page.addScriptTag({ path: axePath });
      expect(await violationsInBothThemes(page)).toEqual([]);
      const steps = Number(await page.getByTestId("rollout").getAttribute("data-steps"));
      expect(steps).toBe(33); // 32 env steps and the moment before the first
    },
  );
});
