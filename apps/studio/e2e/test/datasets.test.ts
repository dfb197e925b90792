import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, startHost, waitForAddress } from "./studio.ts";

const attribute = (page: Page, testId: string, name: string) => page.getByTestId(testId).getAttribute(name);

/** Pixels on the screen's canvas and those of the same frame as the host stores it, both RGBA. */
async function shownAndStored(page: Page, url: string): Promise<{ shown: number[]; stored: number[] }> {
  return page.evaluate(async (address) => {
    const canvas = document.querySelector<HTMLCanvasElement>("[data-testid=frame]")!;
    const { width, height } = canvas;
    const shown = canvas.getContext("2d")!.getImageData(0, 0, width, height).data;
    const picture = await createImageBitmap(await (await fetch(address)).blob());
    const own = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { willReadFrequently: true })!;
    own.drawImage(picture, 0, 0);
    return { shown: [...shown], stored: [...own.getImageData(0, 0, picture.width, picture.height).data] };
  }, url);
}

/** Waits until picture, cursor, numbers and 3D view all show frame `frameIndex` (0-based). */
async function waitForFrame(page: Page, frameIndex: number): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      ["frame", "cursor", "path"].every(
        (id) => document.querySelector<HTMLElement>(`[data-testid=${id}]`)?.dataset["frameIndex"] === String(wanted),
      ),
    frameIndex,
  );
}

describe.skipIf(!canRun)("Datasets", () => {
  test("a dataset opens, an episode is found, and scrubbing keeps pixels, cursor, numbers and 3D gripper on one frame", async () => {
    const host = await startHost(makeWorkspace());
    const page = await openStudio(await openBrowser(), host.url);
    await page.locator(".dataset-item").first().click();
    await page.getByText("50 of 50 episodes").waitFor();
    await page.getByRole("textbox", { name: "Search episodes" }).fill("carrot plate");
    await page.getByText("16 of 50 episodes").waitFor();
    const card = page.locator(".card").first();
    await card.waitFor();
    expect(await card.textContent()).toContain("put carrot on plate");
    await card.dblclick();
    await page.getByTestId("frame").waitFor();
    await waitForFrame(page, 0);
    expect(await page.getByTestId("task").textContent()).toBe("put carrot on plate");

    const [, datasetId, episodeIndex] = /#\/datasets\/([^/]+)\/episodes\/(\d+)/.exec(page.url())!;
    const detail = await page.evaluate(() => document.querySelector("[data-testid=frame-number]")!.textContent);
    const nFrames = Number(detail.split("/")[1]);
    expect(nFrames).toBe(8);
    const address = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .find((name) => /\/0\/[^/]+\/image$/.test(name))!,
    );
    expect(address).toContain(`/media/${datasetId!}/`);
    expect(address).toContain(`/${episodeIndex!}/0/`);

    const positions: string[] = [];
    const track = (await page.getByRole("slider", { name: "Frame" }).boundingBox())!;
    for (const frame of [5, 2, 7, 0]) {
      await page.mouse.click(track.x + ((frame + 0.5) / nFrames) * track.width, track.y + track.height / 2);
      await waitForFrame(page, frame);
      const { shown, stored } = await shownAndStored(
        page,
        address.replace(/\/0\/([^/]+)\/image$/, `/${frame}/$1/image`),
      );
      expect(shown).toHaveLength(64 * 64 * 4);
      expect(shown).toEqual(stored);
      expect(await page.getByTestId("frame-number").textContent()).toBe(`${frame + 1} / ${nFrames}`);
      positions.push((await attribute(page, "path", "data-gripper"))!);
      const stateText = await page.locator(".numbers tbody").nth(1).locator("td").allTextContents();
      const state = stateText.slice(0, 3).map((text) => Number(text.replace("−", "-")));
      positions
        .at(-1)!
        .split(" ")
        .forEach((value, axis) => expect(Number(value)).toBeCloseTo(state[axis]!, 3));
      await expectGripperAt(page);
    }
    expect(new Set(positions).size).toBe(4);
  });

  test("the keyboard plays, steps, shuttles and ranges, and the address follows", async () => {
    const host = await startHost(makeWorkspace());
    const page = await openStudio(await openBrowser(), host.url);
    const dataset = (await page.locator(".dataset-item").first().getAttribute("href"))!;
    await goTo(page, `${dataset}/episodes/4?frame=3`);
    await waitForFrame(page, 2);
    await page.keyboard.press("ArrowRight");
    await waitForFrame(page, 3);
    await page.keyboard.press("[");
    await page.keyboard.press("End");
    await waitForFrame(page, 7);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("]");
    await page.keyboard.press("Space");
    const seen = new Set<number>();
    for (let i = 0; i < 40 && seen.size < 4; i++) {
      seen.add(Number(await attribute(page, "frame", "data-frame-index")));
      await page.waitForTimeout(60);
    }
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
    await page.keyboard.press("k");
    await page.keyboard.press("Home");
    await waitForFrame(page, 0);
    await waitForAddress(page, "frame=1");
    await page.keyboard.press("n");
    await waitForAddress(page, "episodes/5");
    await page.keyboard.press("c");
    await waitForAddress(page, "camera=image_");
    await page.keyboard.press("Escape");
    await page.getByText("50 of 50 episodes").waitFor();
  });

  test("the statistics page counts what the dataset holds", async () => {
    const host = await startHost(makeWorkspace());
    const page = await openStudio(await openBrowser(), host.url);
    const dataset = (await page.locator(".dataset-item").first().getAttribute("href"))!;
    await goTo(page, `${dataset}/statistics`);
    await page.getByText("400 frames of 50 episodes").waitFor();
    const report = await page.getByTestId("statistics").textContent();
    expect(report).toContain("put carrot on plate");
    await page.getByRole("link", { name: "turn lever vertical to front" }).click();
    await page.getByText("12 of 50 episodes").waitFor();
  });

  test("a folder of the workspace is opened from the tree", async () => {
    const workspace = makeWorkspace();
    const host = await startHost(workspace, { datasets: [] });
    const page = await openStudio(await openBrowser(), host.url);
    await page.getByRole("heading", { name: "Datasets" }).nth(1).waitFor();
    await page.getByRole("button", { name: "Open a folder" }).click();
    await page.getByRole("button", { name: "recipes" }).waitFor();
  });
});

/** The 3D canvas has the gripper's colour where the scene says the gripper is. */
async function expectGripperAt(page: Page): Promise<void> {
  const canvas = page.getByTestId("path").locator("canvas");
  const box = (await canvas.boundingBox())!;
  const [x, y] = (await attribute(page, "path", "data-screen"))!.split(" ").map(Number);
  const size = 60;
  const clip = {
    x: Math.max(box.x, box.x + x! * box.width - size / 2),
    y: Math.max(box.y, box.y + y! * box.height - size / 2),
    width: size,
    height: size,
  };
  const shot = (await page.screenshot({ clip })).toString("base64");
  const nBright = await page.evaluate(async (png) => {
    const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const own = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
    own.drawImage(picture, 0, 0);
    const { data } = own.getImageData(0, 0, picture.width, picture.height);
    let bright = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at]! > 215 && data[at + 1]! > 215 && data[at + 2]! > 215) bright++;
    return bright;
  }, shot);
  expect(nBright).toBeGreaterThan(60);
}
