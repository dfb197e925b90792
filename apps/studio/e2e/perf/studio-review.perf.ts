import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { CACHE, frameGaps, make, openStudio, pageCases, percentile, type Studio } from "./open-studio.ts";

const N_EPISODES = 160_000;
const STEPS_A_RUN = 20;
/** Side of the pictures that the maker paints, px. */
const SIDE_PX = 128;

const WORKSPACE = join(CACHE, "..", "review");

/** A workspace with a finished annotation job of 160,000 episodes. */
async function prepare(): Promise<void> {
  await (await openStudio()).close(); // makes the dataset
  for (const folder of ["datasets", "recipes", "runs"]) mkdirSync(join(WORKSPACE, folder), { recursive: true });
  const link = join(WORKSPACE, "datasets", "many");
  if (!existsSync(link)) symlinkSync(realpathSync(join(CACHE, "datasets", "many")), link);
  make("make-review.ts", WORKSPACE, N_EPISODES);
}

/** Address of the job's review queue. */
async function queueAddress({ host, page }: Studio): Promise<string> {
  await page.goto(host.url);
  await page.waitForSelector("[data-state=open]");
  await page.evaluate(() => location.assign("#/annotate"));
  const link = page.locator(`a[href*="review-${N_EPISODES}"]`).first();
  const [, address] = /(#\/annotate\/[^/?]+)/.exec((await link.getAttribute("href", { timeout: 60_000 }))!)!;
  return address!;
}

/** Until the queue's count, its first lines and the first episode's picture are there. */
async function untilShown(page: Page): Promise<void> {
  await page
    .getByTestId("queue-count")
    .getByText(`${N_EPISODES.toLocaleString("en")} of`)
    .waitFor({ timeout: 60_000 });
  await page.waitForFunction(() => {
    const stage = document.querySelector<HTMLElement>("[data-testid=review]");
    const frame = document.querySelector<HTMLElement>("[data-testid=review-frame]");
    return frame?.dataset["url"]?.includes(`/${stage?.dataset["episode"]}/`) === true;
  });
}

/** A fresh host, which has opened no store yet: from choosing the job until its queue and first episode are on the screen. */
async function queue() {
  await prepare();
  const took: number[] = [];
  return {
    run: async () => {
      const studio = await openStudio({ workspace: WORKSPACE });
      try {
        const address = await queueAddress(studio);
        const begun = performance.now();
        await studio.page.evaluate((to) => location.assign(to), address);
        await untilShown(studio.page);
        took.push(performance.now() - begun);
      } finally {
        await studio.close();
      }
    },
    facts: () => ({ medianOpenMs: percentile(took, 0.5), worstOpenMs: Math.max(...took), n: took.length }),
    close: () => Promise.resolve(),
  };
}

async function openFirst(): Promise<Studio> {
  await prepare();
  const studio = await openStudio({ workspace: WORKSPACE });
  await studio.page.evaluate((to) => location.assign(to), await queueAddress(studio));
  await untilShown(studio.page);
  return studio;
}

/** Key A again and again, a second apart as a quick reviewer presses it: from the key until the next episode's picture and mask are drawn. */
async function decision() {
  const studio = await openFirst();
  const { page } = studio;
  await page.evaluate(() => {
    let begun = 0;
    addEventListener("keydown", () => (begun = performance.now()), { capture: true });
    const frame = document.querySelector<HTMLElement>("[data-testid=review-frame]")!;
    // The picture's address is set when picture and mask are painted; the next animation frame puts them on the screen.
    new MutationObserver(() =>
      requestAnimationFrame(() => (document.body.dataset["tookMs"] = String(performance.now() - begun))),
    ).observe(frame, { attributeFilter: ["data-url"] });
  });
  const waits: number[] = [];
  return {
    run: async () => {
      for (let i = 0; i < STEPS_A_RUN; i++) {
        await page.waitForTimeout(1000);
        await page.evaluate(() => delete document.body.dataset["tookMs"]);
        await page.keyboard.press("a");
        const took = await page.waitForFunction(() => document.body.dataset["tookMs"]);
        waits.push(Number(await took.jsonValue()));
      }
    },
    facts: () => ({ n: waits.length, medianMs: percentile(waits, 0.5), p95Ms: percentile(waits, 0.95) }),
    close: async () => {
      // Taken back, so that every measurement begins with the same queue.
      for (let i = 0; i < waits.length; i++) {
        await page.keyboard.press("z");
        await page.getByTestId("outbox").getByText("Every decision is saved.").waitFor();
      }
      await studio.close();
    },
  };
}

/** Clicks on the object with the point tool, each in another frame: the segmenter's own time, and from the click until its mask is drawn. */
async function click() {
  const studio = await openFirst();
  const { page } = studio;
  await page.keyboard.press("1");
  // Where the disc of each picture lies, px; frame t of episode e shows picture 31 e + t, counted round.
  const discs = JSON.parse(readFileSync(join(WORKSPACE, "discs.json"), "utf8")) as { x: number; y: number }[];
  const decodes: number[] = [];
  const firsts: number[] = [];
  const agains: number[] = [];
  const clicked = async (shiftPx: number) => {
    const stage = page.getByTestId("review");
    const [episode, frame] = [await stage.getAttribute("data-episode"), await stage.getAttribute("data-frame")];
    const { x, y } = discs[(Number(episode) * 31 + Number(frame)) % discs.length]!;
    const box = (await page.getByTestId("review-overlay").boundingBox())!;
    const begun = performance.now();
    const status = page.getByTestId("fix-status");
    await page.evaluate(() => delete document.body.dataset["answered"]);
    await page.evaluate(() => {
      const words = document.querySelector("[data-testid=fix-status]")!;
      const observer = new MutationObserver(() => {
        if (!/prompt \d+ ms/.test(words.textContent)) return;
        observer.disconnect();
        requestAnimationFrame(() => (document.body.dataset["answered"] = "yes"));
      });
      observer.observe(words, { childList: true, characterData: true, subtree: true });
    });
    await page.mouse.click(
      box.x + ((x + shiftPx) / SIDE_PX) * box.width,
      box.y + ((y + shiftPx) / SIDE_PX) * box.height,
    );
    await page.waitForFunction(() => document.body.dataset["answered"]);
    const tookMs = performance.now() - begun;
    decodes.push(Number(/prompt (\d+) ms/.exec((await status.textContent()) ?? "")![1]));
    return tookMs;
  };
  await clicked(0); // opens the segmenter
  return {
    run: async () => {
      for (let i = 0; i < STEPS_A_RUN / 4; i++) {
        await page.keyboard.press("ArrowRight");
        await page.waitForTimeout(300);
        firsts.push(await clicked(0)); // the picture is new to the segmenter
        agains.push(await clicked(3));
      }
    },
    facts: () => ({
      nClicks: agains.length,
      medianSegmenterMs: percentile(decodes.slice(1), 0.5),
      p95SegmenterMs: percentile(decodes.slice(1), 0.95),
      medianFirstClickMs: percentile(firsts, 0.5),
      medianClickMs: percentile(agains, 0.5),
      p95ClickMs: percentile(agains, 0.95),
    }),
    close: studio.close,
  };
}

/** Brush strokes across the picture for two seconds: frames the page draws meanwhile. */
async function brush() {
  const studio = await openFirst();
  const { page } = studio;
  await page.keyboard.press("4");
  const box = (await page.getByTestId("review-overlay").boundingBox())!;
  const at = (u: number, v: number) => [box.x + u * box.width, box.y + v * box.height] as const;
  const rates: number[] = [];
  const gaps: number[] = [];
  return {
    run: async () => {
      await page.mouse.move(...at(0.2, 0.2));
      await page.mouse.down();
      const measured = frameGaps(page, 2000);
      for (let i = 0; i < 120; i++) {
        await page.mouse.move(...at(0.5 + 0.3 * Math.cos(i / 9), 0.5 + 0.3 * Math.sin(i / 7)));
        await page.waitForTimeout(8);
      }
      const between = await measured;
      await page.mouse.up();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.keyboard.press("4");
      gaps.push(...between);
      rates.push((1000 * between.length) / between.reduce((sum, gap) => sum + gap, 0));
    },
    facts: () => ({
      medianFps: percentile(rates, 0.5),
      worstFps: Math.min(...rates),
      p95GapMs: percentile(gaps, 0.95),
    }),
    close: studio.close,
  };
}

/** `npm run perf -- studio-review`: the review room in real Chromium, as a reviewer meets it. */
export const perf = {
  name: "studio-review",
  title: "The review room in Chromium: queue of 160,000 episodes, decision to next, segmenter's click, brush",
  rounds: 2,
  warmup: 0,
  ...pageCases<unknown>({ queue, decision, click, brush }),
};
