import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openAnnotations } from "@pixelvla/data";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { clickInPicture, objectsInPicture } from "./objects-in-picture.ts";
import { startWorkspace } from "./start-workspace.ts";
import { canRun, openBrowser, openStudio, root, startHost, waitForAddress } from "./studio.ts";
import { pixelvla } from "./tabletop.ts";

/** Where pictures of the way are put, to be looked at: `PIXELVLA_SHOTS=DIR`. */
const shots = process.env["PIXELVLA_SHOTS"];
let nShots = 0;
async function shot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(shots, `${String(nShots++).padStart(2, "0")}-${name}.png`) });
}

const reviewed = (page: Page) => page.getByTestId("review").getAttribute("data-episode");

/** Waits until another episode than `before` is on the screen, and gives its index. */
async function nextEpisode(page: Page, before: string | null): Promise<string> {
  await page.waitForFunction(
    (known) => {
      const now = document.querySelector<HTMLElement>("[data-testid=review]")?.dataset["episode"];
      const url = document.querySelector<HTMLElement>("[data-testid=review-frame]")?.dataset["url"];
      return now !== undefined && now !== known && url?.includes(`/${now}/`) === true;
    },
    before,
    { timeout: 60_000 },
  );
  return (await reviewed(page))!;
}

/** Everything by links and buttons from the first page on, as somebody would who has read nothing. */
describe.skipIf(!canRun)("The workspace of npm start", () => {
  beforeAll(() => {
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
  });

  test(
    "ten annotations are reviewed, prompts drawn, a failed episode followed to the masks behind it and back, an ablation launched",
    { timeout: 900_000, retry: 0 },
    async () => {
      const workspace = await startWorkspace();
      const host = await startHost(workspace, { pixelvla, recipesDir: join(root, "recipes"), datasets: [] });
      const page = await openStudio(await openBrowser(), host.url, { reducedMotion: "reduce" });
      const room = (name: string) => page.getByRole("navigation").getByRole("link", { name: new RegExp(`^${name}`) });
      await page.getByText("tabletop").first().waitFor();
      await shot(page, "first-page");

      await room("Annotate").click();
      await page.getByTestId("stores").getByRole("link").first().waitFor();
      await shot(page, "annotate");
      const job = page.getByTestId("stores").locator("tr", { hasText: "annotate-embedded" }).getByRole("link");
      await job.first().click();
      let episode = await nextEpisode(page, null);
      await shot(page, "review");
      const kept = Number(/(\d+) of/.exec((await page.getByTestId("queue-count").textContent())!)![1]);
      const decided: { episode: number; decision: string }[] = [];
      for (const key of "arhaaaaaaa".slice(0, Math.min(10, kept - 1))) {
        const decision = { a: "accepted", r: "rejected", h: "hard" }[key]!;
        decided.push({ episode: Number(episode), decision });
        await page.keyboard.press(key);
        episode = await nextEpisode(page, episode);
      }
      expect(decided.length).toBeGreaterThanOrEqual(8);
      await page.getByTestId("outbox").getByText("Every decision is saved.").waitFor();
      await shot(page, "reviewed");
      const sidecar = await openAnnotations(join(workspace, "runs", "annotate", "annotations"));
      for (const one of decided)
        expect([one.episode, sidecar.index.reviews.current(one.episode)?.decision]).toEqual([
          one.episode,
          one.decision,
        ]);
      await sidecar.close();

      await room("Playground").click();
      await page.locator("[data-testid=chunk-3d][data-chunks='2']").waitFor({ timeout: 60_000 });
      await shot(page, "playground");
      const places = await objectsInPicture(page);
      expect(places.length).toBeGreaterThanOrEqual(2);
      const chunks: string[] = [];
      for (const { x, y } of places.slice(0, 2)) {
        await page.keyboard.press("Backspace");
        await page.keyboard.press("1");
        await clickInPicture(page, x, y);
        await page.locator("[data-testid=draw-overlay][data-has-mask=true]").waitFor({ timeout: 30_000 });
        await page.getByText("mask and point").waitFor();
        await page.waitForTimeout(400);
        await page.locator("[data-busy=false]").waitFor();
        chunks.push((await page.getByTestId("chunk-curves").textContent())!);
        await shot(page, `prompt-${chunks.length}`);
      }
      expect(chunks[0]).not.toBe(chunks[1]);

      await room("Bench").click();
      await page.getByRole("link", { name: /evaluate-pixelvla-exact(?!-)/ }).click();
      await page.getByTestId("matrix").waitFor();
      await shot(page, "evaluation");
      const failed = page.getByRole("button", { name: /^Seed \d+: (?!success)/ });
      await failed.first().click();
      await page.locator("[data-testid=rollout][data-over=true]").waitFor({ timeout: 60_000 });
      const like = page.getByTestId("similar").getByRole("listitem").first();
      await like.waitFor();
      expect(await like.textContent()).toMatch(/\d+ %episode \d+, /);
      await shot(page, "failed-episode");
      await like.getByRole("link").click();
      await waitForAddress(page, "/episodes/");
      const uses = page.getByTestId("dataset-uses");
      await uses.getByRole("link", { name: "stage-2" }).waitFor();
      await uses.scrollIntoViewIfNeeded();
      await shot(page, "uses");
      expect(await uses.textContent()).toContain("masks and prompts used");
      await uses.getByRole("link", { name: "evaluate-pixelvla-exact", exact: true }).first().click();
      await page.getByTestId("matrix").waitFor();

      await room("Compose").click();
      await page.getByTestId("graph").locator("[data-part=decoder]").waitFor({ timeout: 60_000 });
      await shot(page, "compose");

      await room("Runs").click();
      await page.getByRole("button", { name: "New ablation" }).click();
      const form = page.getByRole("form", { name: "New ablation" });
      await form.getByRole("combobox", { name: "Sweep" }).click();
      await page.getByRole("option", { name: "prompt-kind" }).click();
      await page.getByTestId("sweep-preview").getByText("6, 7,200 train steps in all").waitFor({ timeout: 60_000 });
      await shot(page, "new-ablation");
      await form.getByRole("combobox", { name: "Policy families" }).click();
      await page.getByRole("option", { name: "openvla" }).click();
      await page.keyboard.press("Escape");
      await form.getByRole("textbox", { name: "Training seeds" }).fill("0");
      await form.getByRole("textbox", { name: "Changes" }).fill("training.steps = 5000");
      await page.getByTestId("sweep-preview").getByText("1, 5,000 train steps in all").waitFor({ timeout: 60_000 });
      expect(await page.getByTestId("doctor").locator("[data-level=fail]").count()).toBe(0);
      await form.getByRole("button", { name: "Launch" }).click();
      await waitForAddress(page, "/ablation");
      await page.getByTestId("sweep-tasks").getByText("running").waitFor({ timeout: 60_000 });
      await shot(page, "ablation-at-work");
      expect(readdirSync(join(workspace, "runs")).some((name) => name.startsWith("prompt-kind"))).toBe(true);
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByRole("button", { name: /^Take up \d unfinished/ }).waitFor({ timeout: 90_000 });
    },
  );
});
