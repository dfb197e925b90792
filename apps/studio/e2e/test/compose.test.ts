import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const cli = join(root, "apps", "cli", "bin", "pixelvla.js");
const means = { pixelvla: [process.execPath, cli], recipesDir: join(root, "recipes") };

describe.skipIf(!canRun)("Compose", () => {
  test(
    "a policy is composed with another decoder, a part that does not fit is refused with the reason, and the run shows its curve",
    { timeout: 240_000 },
    async () => {
      const workspace = makeWorkspace();
      const host = await startHost(workspace, means);
      const page = await openStudio(await openBrowser(), host.url);
      await page.keyboard.press("Alt+3");
      await waitForAddress(page, "#/compose");
      await goTo(page, "/compose?recipe=openvla-tiny");
      const written = () => page.getByTestId("recipe-text").inputValue();
      await expect.poll(written, { timeout: 60_000 }).toContain("name: openvla-tiny");
      const graph = page.getByTestId("graph");
      const card = (part: string) => graph.locator(`[data-part=${part}]`);
      await card("decoder").getByText("continuous").waitFor({ timeout: 60_000 });
      const before = await page.getByTestId("cost").textContent();
      expect(before).toMatch(/parameters.*a train step.*fits/);
      expect(await card("backbone").getAttribute("data-state")).toBe("trained");
      await graph.getByText("16×64×64×3").first().waitFor(); // the wire from the image

      // A part that does not fit is shown with the builder's sentence; taken all the same, it cannot be launched.
      const choice = (name: string) => page.getByTestId("choices").locator(`li[data-plugin="${name}"]`);
      const text = await page.getByTestId("recipe-text").inputValue();
      await card("backbone").click();
      await choice("llama").waitFor({ timeout: 60_000 });
      expect(await choice("llama").getAttribute("data-fits")).toBe("true");
      expect(await choice("paligemma").getAttribute("data-fits")).toBe("false");
      const refusal = (await choice("paligemma").locator(".choice-why").textContent())!;
      expect(refusal).toMatch(/decoder.*needs/);
      await choice("paligemma").getByRole("button").click();
      await card("backbone").getByText("paligemma").waitFor();
      await page.locator(".compose-problem").getByText(refusal).waitFor();
      expect(await page.getByRole("button", { name: "Launch…" }).isDisabled()).toBe(true);
      await page.getByTestId("recipe-text").fill(text); // edited back by hand: the graph follows the text
      await card("backbone").getByText("llama").waitFor();
      await page.locator(".compose-problem").waitFor({ state: "detached" });

      // A decoder that fits is taken: graph, cost, text and differences follow.
      await card("decoder").click();
      await choice("action-tokens").waitFor({ timeout: 60_000 });
      expect(await choice("action-tokens").getAttribute("data-fits")).toBe("true");
      await choice("action-tokens").getByRole("button").click();
      await card("decoder").getByText("action-tokens").waitFor();
      await page.getByTestId("recipe-diff").getByText("decoder.name").waitFor();
      expect(await page.getByTestId("recipe-text").inputValue()).toContain("name: action-tokens");
      await expect.poll(() => page.getByTestId("cost").textContent(), { timeout: 60_000 }).not.toBe(before);

      // A short run of it is launched from here.
      const shorter = (await page.getByTestId("recipe-text").inputValue())
        .replace(/steps: 700/, "steps: 12")
        .replace(/batchSize: 16/, "batchSize: 2")
        .replace("training:", "training:\n  logEverySteps: 1");
      await page.getByTestId("recipe-text").fill(shorter);
      await page.getByTestId("recipe-diff").getByText("training.batchSize").waitFor();
      await page.getByRole("textbox", { name: "Name of the recipe" }).fill("tokens-by-hand");
      await page.getByRole("button", { name: "Launch…" }).click();
      await page.getByRole("form", { name: "New run" }).waitFor();
      await page.getByTestId("doctor").getByText("The parts fit").waitFor({ timeout: 60_000 });
      const file = join(workspace, "recipes", "tokens-by-hand.yaml");
      expect(existsSync(file) && readFileSync(file, "utf8")).toContain("name: action-tokens");
      const anyway = page.getByRole("checkbox", { name: "Launch although a check fails" });
      if (await anyway.isVisible()) await anyway.check();
      await page.getByRole("button", { name: "Launch", exact: true }).click();
      await waitForAddress(page, "#/runs/");
      await page.getByTestId("chart-loss").waitFor({ timeout: 120_000 });
    },
  );
});
