import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStudioHost, type StudioHost } from "@pixelvla/studio-host";
import { chromium, type Browser, type Page } from "playwright-core";
import { appDir, setup as buildApp } from "../test/build-app.ts";
import { chromiumFlags, findChromium } from "../test/chromium.ts";

const CACHE = fileURLToPath(new URL("../../host/.cache/perf/workspace", import.meta.url));
const VIDEO = fileURLToPath(new URL("../../../../../shared/data/lerobot-v21-g1", import.meta.url));
const N_EPISODES = 100_000;
/** A turn has two runs, one of them uncounted by the runner but not here: three turns are 240 scrubs and 750 episodes. */
const SCRUBS_A_RUN = 40;
const EPISODES_A_RUN = 125;

interface Studio {
  readonly host: StudioHost;
  readonly browser: Browser;
  readonly page: Page;
  close(): Promise<void>;
}

/** Runs one of the host benchmark's makers; what is there already is left alone. */
function make(script: string, ...values: (string | number)[]): void {
  const file = fileURLToPath(new URL(`../../host/perf/${script}`, import.meta.url));
  const flags = ["--conditions=@pixelvla/source", "--import", "tsx"];
  execFileSync(process.execPath, [...flags, file, ...values.map(String)], { stdio: ["ignore", "ignore", "inherit"] });
}

/** The page is built once a benchmark case. */
let built: Promise<void> | undefined;

/** The built page in Chromium, on a workspace of 100,000 episodes and, where asked, 1,000 runs of 10,000 points. */
async function openStudio(options: { needsRuns?: boolean; datasets?: string[] } = {}): Promise<Studio> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium was found: run tools/browser/install.sh");
  await (built ??= buildApp());
  for (const folder of ["datasets", "recipes"]) mkdirSync(join(CACHE, folder), { recursive: true });
  make("make-dataset.ts", join(CACHE, "datasets", "many"), N_EPISODES);
  if (options.needsRuns) make("make-runs.ts", join(CACHE, "runs"), 1000, 10_000);
  const host = await startStudioHost({ workspace: CACHE, appDir, datasets: options.datasets ?? [] });
  const browser = await chromium.launch({ executablePath, args: [...chromiumFlags, "--enable-precise-memory-info"] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // tsx wraps named functions in this helper; the page that runs them needs it too.
  await page.addInitScript("globalThis.__name = (named) => named");
  return {
    host,
    browser,
    page,
    close: async () => {
      await browser.close();
      await host.close();
    },
  };
}

const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

/** Opens the address anew and waits until the host answers; the time the page itself reports for its first content. */
async function firstPaint() {
  const studio = await openStudio();
  const paints: number[] = [];
  return {
    run: async () => {
      const page = await studio.browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(studio.host.url);
      await page.waitForSelector("[data-state=open]");
      paints.push(
        await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN),
      );
      await page.close();
    },
    facts: () => ({ medianFirstPaintMs: percentile(paints, 0.5), worstFirstPaintMs: Math.max(...paints) }),
    close: studio.close,
  };
}

async function openGrid({ host, page }: Studio, name: string): Promise<string> {
  await page.goto(host.url);
  const item = page.locator(".dataset-item", { hasText: name }).first();
  const href = (await item.getAttribute("href"))!;
  await item.click();
  await page.locator(".card").first().waitFor({ timeout: 120_000 });
  return href;
}

/** Two seconds of wheel scrolling through 100,000 episodes: frames the page draws meanwhile. */
async function gridScroll() {
  const studio = await openStudio();
  await openGrid(studio, "many");
  const { page } = studio;
  const box = (await page.getByTestId("grid").boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const rates: number[] = [];
  const gaps: number[] = [];
  return {
    run: async () => {
      const measured = page.evaluate(
        () =>
          new Promise<number[]>((resolve) => {
            const times: number[] = [];
            const tick = (time: number) => {
              times.push(time);
              if (time - times[0]! < 2000) requestAnimationFrame(tick);
              else resolve(times.slice(1).map((at, i) => at - times[i]!));
            };
            requestAnimationFrame(tick);
          }),
      );
      for (let i = 0; i < 40; i++) {
        await page.mouse.wheel(0, 400);
        await page.waitForTimeout(40);
      }
      const between = await measured;
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

/** Clicks on random places of the scrubber: from the click until that frame's picture is on the screen. */
async function scrub(kind: "jpeg" | "video") {
  if (kind === "video" && !existsSync(VIDEO)) throw new Error("no LeRobot sample data beside the checkout");
  const studio = await openStudio(kind === "video" ? { datasets: [VIDEO] } : {});
  const { page } = studio;
  const href = await openGrid(studio, kind === "video" ? "g1" : "many");
  await page.evaluate((to) => location.assign(to), `${href}/episodes/${kind === "video" ? 1 : 4}`);
  await page.getByTestId("frame").waitFor();
  const nFrames = Number((await page.getByTestId("frame-number").textContent())!.split("/")[1]);
  const track = (await page.getByRole("slider", { name: "Frame" }).boundingBox())!;
  const waits: number[] = [];
  await page.evaluate(() => {
    // Counted in the page, from the pointer event to the frame's number on the canvas after drawing.
    const canvas = document.querySelector<HTMLElement>("[data-testid=frame]")!;
    let begun = 0;
    addEventListener("pointerdown", () => (begun = performance.now()), { capture: true });
    new MutationObserver(() =>
      requestAnimationFrame(() => (canvas.dataset["tookMs"] = String(performance.now() - begun))),
    ).observe(canvas, { attributeFilter: ["data-frame-index"] });
  });
  let seed = 7;
  let shown = 0;
  return {
    run: async () => {
      for (let i = 0; i < SCRUBS_A_RUN; i++) {
        seed = (seed * 48271) % 2147483647;
        let frame = seed % nFrames;
        if (frame === shown) frame = (frame + 1) % nFrames;
        shown = frame;
        await page.evaluate(() => delete document.querySelector<HTMLElement>("[data-testid=frame]")!.dataset["tookMs"]);
        await page.mouse.click(track.x + ((frame + 0.5) / nFrames) * track.width, track.y + track.height / 2);
        const took = await page.waitForFunction(
          () => document.querySelector<HTMLElement>("[data-testid=frame]")?.dataset["tookMs"],
        );
        waits.push(Number(await took.jsonValue()));
      }
    },
    facts: () => ({ nFrames, nScrubs: waits.length, medianMs: percentile(waits, 0.5), p95Ms: percentile(waits, 0.95) }),
    close: studio.close,
  };
}

/** Steps through episodes with the "next" key, `EPISODES_A_RUN` a run: the page's heap after collection. */
async function memory() {
  const studio = await openStudio();
  const { page } = studio;
  const href = await openGrid(studio, "many");
  await page.evaluate((to) => location.assign(to), `${href}/episodes/0`);
  await page.getByTestId("frame").waitFor();
  const session = await page.context().newCDPSession(page);
  const heapMb = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return usedSize / 2 ** 20;
  };
  const heaps: Record<string, number> = { heapAtFirstMb: await heapMb() };
  let episode = 0;
  return {
    run: async () => {
      for (const end = episode + EPISODES_A_RUN; episode < end;) {
        // The next picture's number appears on the canvas only once that picture is drawn.
        await page.evaluate(
          () => delete document.querySelector<HTMLElement>("[data-testid=frame]")?.dataset["frameIndex"],
        );
        await page.keyboard.press("n");
        episode++;
        await page.waitForFunction(
          (wanted) =>
            location.hash.includes(`episodes/${wanted}`) &&
            document.querySelector<HTMLElement>("[data-testid=frame]")?.dataset["frameIndex"] !== undefined,
          episode,
        );
      }
      heaps[`heapAfter${episode}Mb`] = await heapMb();
    },
    facts: () => heaps,
    close: studio.close,
  };
}

/**
 * A fresh host and page on 1,000 runs of 10,000 points: until the table answers a click, until all are selected, and until the curves
 * of all four metrics are drawn. `isFirst`: as at the very first opening, before the host has stored columns of the metrics files.
 */
async function runs(isFirst: boolean) {
  const prepared = await openStudio({ needsRuns: true });
  await prepared.close();
  const took: { tableMs: number; selectedMs: number; firstChartMs: number; allChartsMs: number }[] = [];
  return {
    run: async () => {
      if (isFirst) rmSync(join(CACHE, ".pixelvla", "cache", "metrics"), { recursive: true, force: true });
      const studio = await openStudio({ needsRuns: true });
      try {
        const begun = performance.now();
        const passed = () => performance.now() - begun;
        await studio.page.goto(studio.host.url);
        await studio.page.waitForSelector("[data-state=open]");
        await studio.page.evaluate(() => location.assign("#/runs"));
        const table = studio.page.getByTestId("runs");
        await table.getByRole("row").nth(5).click({ timeout: 30_000 });
        const tableMs = passed();
        await table.press("Control+a");
        await studio.page.getByText("1,000 selected").waitFor({ timeout: 30_000 });
        const selectedMs = passed();
        // A chart's label ends in its last value once it has data.
        const drawn = (n: number) =>
          studio.page.waitForFunction(
            (wanted) =>
              [...document.querySelectorAll("[data-testid^=chart-] .line-chart")].filter((chart) =>
                /last value -?\d/.test(chart.ariaLabel ?? ""),
              ).length >= wanted,
            n,
            { timeout: 90_000 },
          );
        await drawn(1);
        const firstChartMs = passed();
        await drawn(4);
        took.push({ tableMs, selectedMs, firstChartMs, allChartsMs: passed() });
      } finally {
        await studio.close();
      }
    },
    facts: () => {
      const median = (key: keyof (typeof took)[number]) =>
        percentile(
          took.map((one) => one[key]),
          0.5,
        );
      return {
        medianTableMs: median("tableMs"),
        medianSelectedMs: median("selectedMs"),
        medianFirstChartMs: median("firstChartMs"),
        medianAllChartsMs: median("allChartsMs"),
      };
    },
    close: () => Promise.resolve(),
  };
}

/** `npm run perf -- studio-page`: the studio in real Chromium, as a user meets it. */
export const perf = {
  name: "studio-page",
  title: "The studio in Chromium: first paint, grid of 100,000 episodes, scrubbing, memory, 1,000 runs",
  rounds: 3,
  warmup: 0,
  cases: [
    { name: "first-paint", params: { what: "first-paint" } },
    { name: "grid-scroll", params: { what: "grid-scroll" } },
    { name: "scrub-jpeg", params: { what: "scrub-jpeg" } },
    { name: "scrub-video", params: { what: "scrub-video" } },
    { name: "memory", params: { what: "memory" } },
    { name: "runs-first", params: { what: "runs-first" } },
    { name: "runs", params: { what: "runs" } },
  ],
  ours({ what }: { what: string }) {
    if (what === "first-paint") return firstPaint();
    if (what === "grid-scroll") return gridScroll();
    if (what === "scrub-jpeg") return scrub("jpeg");
    if (what === "scrub-video") return scrub("video");
    if (what === "memory") return memory();
    return runs(what === "runs-first");
  },
};
