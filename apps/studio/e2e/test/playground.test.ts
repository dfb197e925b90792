import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { axePath } from "./axe.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { clickInPicture } from "./objects-in-picture.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost } from "./studio.ts";
import { angleDeg, layoutWithAlike, type SeenObject } from "./objects-alike.ts";
import { recordDemos, runOfShippedPolicy } from "./tabletop.ts";

/** Values of the chunk's last step as the small curves print them, by line and dimension. */
async function chunkNow(page: Page, line: "A" | "demonstrated"): Promise<number[]> {
  const texts = await page.locator(`[data-testid=chunk-curves] [data-line=${line}]`).allTextContents();
  return texts.map((text) => Number(text.replace("−", "-")));
}

/** Where the predicted chunk leads along x and y, millimetres. */
async function wayOfChunk(page: Page): Promise<readonly [number, number]> {
  const text = (await page.locator("[data-testid=chunk-3d] [data-chunk=A]").getAttribute("title"))!;
  return [...text.replaceAll("−", "-").matchAll(/-?\d+/g)].slice(0, 2).map(Number) as [number, number];
}

const inspector = (page: Page) => page.getByRole("complementary", { name: "Prompt and policies" });

describe.skipIf(!canRun)("Playground", () => {
  test(
    "a prompt on one of two like objects and then on the other gives two masks and turns the chunk there; time goes by part",
    { timeout: 240_000 },
    async () => {
      const workspace = makeWorkspace();
      const { seed, alike, handM } = await layoutWithAlike();
      await recordDemos(workspace, 1, "--variants=duplicate", `--first-seed=${seed}`);
      await runOfShippedPolicy(workspace, "pixel");
      const host = await startHost(workspace, { datasets: [] });
      const page = await openStudio(await openBrowser(), host.url, { bypassCSP: true, reducedMotion: "reduce" });
      await goTo(page, "/playground");
      await page.getByRole("button", { name: /^pixel/ }).waitFor();
      await page.locator("[data-testid=chunk-3d][data-chunks='2']").waitFor({ timeout: 60_000 });
      expect(await inspector(page).textContent()).toContain("mask and prompt");
      const plain = await chunkNow(page, "A");
      expect(plain).toHaveLength(7);
      expect(plain.every(Number.isFinite)).toBe(true);
      const demonstrated = await chunkNow(page, "demonstrated");
      expect(demonstrated.every((value, axis) => Math.abs(value) <= (axis === 6 ? 1 : 0.3))).toBe(true);

      const seen: { mask: string; chunk: number[]; look: string }[] = [];
      for (const [i, clicked] of alike.entries()) {
        await page.keyboard.press("Backspace");
        await page.keyboard.press("1");
        await clickInPicture(page, clicked.x, clicked.y);
        await page.locator("[data-testid=draw-overlay][data-has-mask=true]").waitFor({ timeout: 30_000 });
        const before = JSON.stringify(seen.at(-1)?.chunk ?? plain);
        await expect.poll(async () => JSON.stringify(await chunkNow(page, "A"))).not.toBe(before);
        await page.locator("[data-busy=false]").waitFor();
        const leads = await wayOfChunk(page);
        const turnTo = ({ placeM: [x, y] }: SeenObject) => angleDeg(leads, [x - handM[0], y - handM[1]]);
        expect(turnTo(clicked)).toBeLessThan(60);
        expect(turnTo(clicked)).toBeLessThan(turnTo(alike[1 - i]!));
        const facts = (await inspector(page).textContent())!;
        expect(facts).toContain("mask and point");
        expect(facts).toContain("grabcut");
        seen.push({
          mask: /Mask(\d+) px/.exec(facts)![1]!,
          chunk: await chunkNow(page, "A"),
          look: (await page.getByTestId("look").textContent())!,
        });
      }
      const [first, second] = seen as [(typeof seen)[0], (typeof seen)[0]];
      expect(Number(first.mask)).toBeGreaterThan(5);
      expect(first.chunk).not.toEqual(second.chunk);
      for (const { look } of seen) expect(look).toMatch(/on the mask\d+ %/);

      const latency = await page.getByTestId("latency").locator("td").allTextContents();
      expect(latency.length).toBe(6); // segmenter, four stages, their sum
      const [, picture, fit, feed, model, total] = latency.map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      expect(picture + fit + feed + model).toBeCloseTo(total, -0.5);

      await page.keyboard.press("t");
      await page.locator("[data-testid=draw-overlay][data-has-look=true]").waitFor();
      await page.addScriptTag({ path: axePath });
      expect(await violationsInBothThemes(page)).toEqual([]);
      await page.keyboard.press("z");
      await page.locator("[data-testid=draw-overlay][data-has-mask=false]").waitFor();
      await page.getByRole("textbox", { name: "Instruction" }).fill("put the mug in the basket");
      await expect.poll(async () => JSON.stringify(await chunkNow(page, "A"))).not.toBe(JSON.stringify(plain));
    },
  );
});
