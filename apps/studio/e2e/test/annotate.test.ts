import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { maskIou, decodeCocoRle, openAnnotations } from "@pixelvla/data";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { axePath, seriousViolations } from "./axe.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const cli = join(root, "apps", "cli", "bin", "pixelvla.js");
const means = { pixelvla: [process.execPath, cli], recipesDir: join(root, "recipes"), datasets: [] };

/** Records episodes of the tabletop, whose exact masks come with them. */
function recordTabletop(dataset: string): void {
  const args = ["bench", "record", dataset, "--episodes", "12", "--image-size", "96", "--threads", "1"];
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", timeout: 120_000 });
  if (status !== 0) throw new Error(`recording failed: ${stderr}`);
}

const review = (page: Page, name: string) => page.getByTestId("review").getAttribute(`data-${name}`);

/** Waits until another episode's frame is on the screen, picture and all; gives its index. */
async function waitForOther(page: Page, episode: string | null): Promise<string> {
  await page.waitForFunction(
    (before) => {
      const stage = document.querySelector<HTMLElement>("[data-testid=review]");
      const frame = document.querySelector<HTMLElement>("[data-testid=review-frame]");
      const now = stage?.dataset["episode"];
      return now !== undefined && now !== before && frame?.dataset["url"]?.includes(`/${now}/`) === true;
    },
    episode,
    { timeout: 60_000 },
  );
  return (await review(page, "episode"))!;
}

/** Picture pixels -> screen. */
async function onScreen(page: Page, x: number, y: number, sidePx: number): Promise<[number, number]> {
  const box = (await page.getByTestId("review-overlay").boundingBox())!;
  return [box.x + ((x + 0.5) / sidePx) * box.width, box.y + ((y + 0.5) / sidePx) * box.height];
}

describe.skipIf(!canRun)("Annotate", () => {
  test(
    "a dataset is annotated, ten are reviewed by key, one mask is fixed by clicking, and all of it is on the disk",
    { timeout: 240_000 },
    async () => {
      const workspace = makeWorkspace();
      const dataset = join(workspace, "datasets", "tabletop");
      recordTabletop(dataset);
      const host = await startHost(workspace, means);
      const page = await openStudio(await openBrowser(), host.url, { bypassCSP: true });
      await page.addScriptTag({ path: axePath });

      // Launch, and watch the funnel fill.
      await page.keyboard.press("Alt+2");
      await waitForAddress(page, "#/annotate");
      await page.getByRole("button", { name: "Annotate a dataset" }).first().waitFor();
      await page.keyboard.press("n");
      await page.getByRole("form", { name: "New annotation job" }).waitFor();
      await page.getByTestId("doctor").getByText("Every role names a model that is there.").waitFor();
      await page.getByRole("button", { name: "Annotate", exact: true }).click();
      await waitForAddress(page, "/job");
      await page.getByTestId("job-progress").getByText("12 of 12 episodes").waitFor({ timeout: 120_000 });
      const kept = Number(await page.getByTestId("funnel").locator("tr[data-cause=kept] td.number").textContent());
      expect(kept).toBeGreaterThanOrEqual(10);
      await page.getByTestId("previews").locator("img").first().waitFor();

      // Review ten by key alone; the queue goes from the most doubted on.
      await page.getByRole("link", { name: "Review", exact: true }).click();
      await page.getByTestId("queue-count").getByText(`${kept} of ${kept} episodes`).waitFor();
      const doubts = await page.getByTestId("queue").locator(".queue-reason").allTextContents();
      const values = doubts.map((text) => Number(text.split(" ")[0]));
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      const decided: { episode: number; decision: string }[] = [];
      let episode = await waitForOther(page, null);
      for (const [key, decision] of [
        ["a", "accepted"],
        ["r", "rejected"],
        ["h", "hard"],
        ...Array.from({ length: 6 }, () => ["a", "accepted"] as const),
      ] as const) {
        decided.push({ episode: Number(episode), decision });
        await page.keyboard.press(key);
        episode = await waitForOther(page, episode);
        expect(Number(await review(page, "switch-ms"))).toBeLessThan(1000);
      }
      await page.getByTestId("progress").first().getByText("9 of").waitFor();
      await page.keyboard.press("z"); // takes the ninth back and shows it again
      episode = await waitForOther(page, episode);
      expect(Number(episode)).toBe(decided.pop()!.episode);
      await page.getByTestId("history").getByText("taken back").waitFor();

      // Fix it: click the object where the recording says it is, then carry the mask on in both directions.
      const gold = await openAnnotations(dataset);
      const exact = (await gold.episode(Number(episode)))!;
      await gold.close();
      const frameIndex = Number(await review(page, "frame"));
      const truth = decodeCocoRle(exact.annotations[frameIndex]!.mask!);
      const inside = [...truth.data.keys()].filter((i) => truth.data[i] === 1);
      const middle = inside[Math.floor(inside.length / 2)]!;
      const [x, y] = [middle % truth.widthPx, Math.floor(middle / truth.widthPx)];
      await page.keyboard.press("1");
      await page.mouse.click(...(await onScreen(page, x, y, truth.widthPx)));
      await page.getByTestId("fix-status").getByText("1 frame not saved").waitFor({ timeout: 30_000 });
      for (const theme of ["dark", "light"]) {
        expect([theme, await seriousViolations(page)]).toEqual([theme, []]);
        await page.keyboard.press("Alt+t");
      }
      await page.keyboard.press("e");
      const nFrames = exact.annotations.length;
      await page.getByTestId("fix-status").getByText(`${nFrames} frames not saved`).waitFor({ timeout: 60_000 });
      await page.keyboard.press("s");
      await page.getByTestId("verdict").getByText("fixed", { exact: true }).waitFor({ timeout: 60_000 });
      await page.getByTestId("outbox").getByText("Every decision is saved.").waitFor();

      // What the disk says.
      const sidecar = await openAnnotations(join(workspace, "runs", "annotate-tabletop", "annotations"));
      for (const { episode: index, decision } of decided)
        expect([index, sidecar.index.reviews.current(index)?.decision]).toEqual([index, decision]);
      expect(sidecar.index.reviews.current(Number(episode))?.decision).toBe("corrected");
      const fixed = (await sidecar.episode(Number(episode)))!;
      await sidecar.close();
      expect(fixed.annotations[frameIndex]).toMatchObject({ origin: "manual", review: "corrected" });
      expect(maskIou(decodeCocoRle(fixed.annotations[frameIndex]!.mask!), truth)).toBeGreaterThan(0.6);

      // The measures know it, and the dataset's own masks are the gold set.
      await page.getByRole("link", { name: "Reviewers and gold" }).click();
      await page.getByTestId("reviewers").locator("tbody tr").waitFor();
      await page.getByRole("button", { name: "Measure" }).click();
      await page.getByTestId("gold").getByText("Mean IoU").first().waitFor({ timeout: 30_000 });
      const iou = Number(/Mean IoU([\d.]+)/.exec((await page.getByTestId("gold").textContent())!)?.[1]);
      expect(iou).toBeGreaterThan(0.5);
      expect(await seriousViolations(page)).toEqual([]);
      await page.getByRole("link", { name: "Job", exact: true }).click();
      await page.getByTestId("previews").locator("img").first().waitFor();
      expect(await seriousViolations(page)).toEqual([]);
    },
  );

  test("an address of no annotations says so, and an empty workspace says what to do", async () => {
    const host = await startHost(makeWorkspace(), { datasets: [] });
    const page = await openStudio(await openBrowser(), host.url);
    await goTo(page, "/annotate");
    await page.getByRole("heading", { name: "Annotate" }).last().waitFor();
    await page.getByText("pixelvla annotate DATASET").waitFor();
    await goTo(page, "/annotate/nothing-1234");
    await page.getByText("No such annotations").waitFor();
  });
});
