import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE, frameGaps, openStudio, pageCases, percentile, type Studio } from "./open-studio.ts";

const VIDEO = fileURLToPath(new URL("../../../../../shared/data/lerobot-v21-g1", import.meta.url));
/** A turn has two runs, one of them uncounted by the runner but not here: two turns are 160 scrubs and 500 episodes. */
const SCRUBS_A_RUN = 40;
const EPISODES_A_RUN = 125;

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
      const measured = frameGaps(page, 2000);
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

/** What the page holds after a forced collection. */
interface Held {
  readonly episode: number;
  readonly heapMb: number;
  /** Elements, text and the like, also those that only JavaScript still holds. */
  readonly nNodes: number;
  readonly nListeners: number;
  /** Resident memory of the page's process; undefined where the system does not tell. */
  readonly processMb: number | undefined;
}

/** Steps through episodes with the "next" key, `EPISODES_A_RUN` a run, each shown in picture, curves and 3D: what the page holds every 25. */
async function memory() {
  const studio = await openStudio();
  const { page } = studio;
  const href = await openGrid(studio, "many");
  await page.evaluate((to) => location.assign(to), `${href}/episodes/0`);
  await page.getByTestId("frame").waitFor();
  // The next episode is known when the dataset's list is.
  await page.waitForFunction(
    () => document.querySelector<HTMLButtonElement>("[aria-label='Next episode']")?.disabled === false,
    undefined,
    { timeout: 120_000 },
  );
  const look = await holder(studio);
  const held: Held[] = [await look(0)];
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
            document.querySelector<HTMLElement>("[data-testid=frame]")?.dataset["frameIndex"] !== undefined &&
            document.querySelector<HTMLButtonElement>("[aria-label='Next episode']")?.disabled === false,
          episode,
        );
        if (episode % 25 === 0) held.push(await look(episode));
      }
    },
    facts: () => {
      const later = held.filter((one) => one.episode >= 100);
      const flat: Record<string, number> = {};
      for (const one of held)
        if (one.episode % 100 === 0) {
          flat[`heapAfter${one.episode}Mb`] = one.heapMb;
          flat[`nodesAfter${one.episode}`] = one.nNodes;
          flat[`listenersAfter${one.episode}`] = one.nListeners;
          if (one.processMb !== undefined) flat[`processAfter${one.episode}Mb`] = one.processMb;
        }
      flat["heapKbAnEpisodeFrom100"] = 1024 * slope(later.map((one) => [one.episode, one.heapMb]));
      flat["processKbAnEpisodeFrom100"] = 1024 * slope(later.map((one) => [one.episode, one.processMb ?? NaN]));
      return flat;
    },
    close: studio.close,
  };
}

/** Looks at what the page holds, through the browser's own instruments. */
async function holder({ browser, page }: Studio): Promise<(episode: number) => Promise<Held>> {
  const session = await page.context().newCDPSession(page);
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  return async (episode) => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
    const processMb = Math.max(...renderers.map((id) => residentMb(id) ?? 0));
    return {
      episode,
      heapMb: usedSize / 2 ** 20,
      nNodes: nodes,
      nListeners: jsEventListeners,
      processMb: processMb === 0 ? undefined : processMb,
    };
  };
}

function residentMb(pid: number): number | undefined {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return undefined;
  }
}

/** Of the straight line through the points, by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / spread;
}

/**
 * A fresh host and page on 1,000 runs of 10,000 points: until the table answers a click, until all are selected, until the curves of all
 * four metrics are drawn, and from then until one answers the pointer. `isFirst`: as at the very first opening, before the host has
 * stored anything about the runs.
 */
async function runs(isFirst: boolean) {
  const prepared = await openStudio({ needsRuns: true });
  await prepared.close();
  const took: { tableMs: number; selectedMs: number; firstChartMs: number; allChartsMs: number; hoverMs: number }[] =
    [];
  return {
    run: async () => {
      if (isFirst)
        for (const kept of ["metrics", "runs.json"])
          rmSync(join(CACHE, ".pixelvla", "cache", kept), { recursive: true, force: true });
      const studio = await openStudio({ needsRuns: true });
      try {
        took.push(await compareAll(studio));
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
        medianHoverMs: median("hoverMs"),
        fromSelectMs: median("allChartsMs") - median("tableMs"),
      };
    },
    close: () => Promise.resolve(),
  };
}

async function compareAll({ host, page }: Studio) {
  const begun = performance.now();
  const passed = () => performance.now() - begun;
  await page.goto(host.url);
  await page.waitForSelector("[data-state=open]");
  await page.evaluate(() => location.assign("#/runs"));
  const table = page.getByTestId("runs");
  await table.getByRole("row").nth(5).click({ timeout: 30_000 });
  const tableMs = passed();
  await table.press("Control+a");
  await page.getByText("1,000 selected").waitFor({ timeout: 30_000 });
  const selectedMs = passed();
  // A chart's label ends in its last value once it has data; of all runs it is one line.
  const drawn = (n: number) =>
    page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll("[data-testid^=chart-] .line-chart")].filter((chart) =>
          /1 curves, last value -?\d/.test(chart.ariaLabel ?? ""),
        ).length >= wanted,
      n,
      { timeout: 90_000 },
    );
  await drawn(1);
  const firstChartMs = passed();
  await drawn(4);
  const allChartsMs = passed();
  const chart = (await page.getByTestId("chart-loss").locator(".line-chart").boundingBox())!;
  await page.mouse.move(chart.x + chart.width / 2, chart.y + chart.height / 2);
  await page.locator(".reading", { hasText: "all runs (1,000)" }).first().waitFor({ timeout: 30_000 });
  return { tableMs, selectedMs, firstChartMs, allChartsMs, hoverMs: passed() - allChartsMs };
}

/** `npm run perf -- studio-page`: the studio in real Chromium, as a user meets it. */
export const perf = {
  name: "studio-page",
  title: "The studio in Chromium: first paint, grid of 100,000 episodes, scrubbing, memory, 1,000 runs",
  rounds: 3,
  warmup: 0,
  ...pageCases<unknown>({
    "first-paint": firstPaint,
    "grid-scroll": gridScroll,
    "scrub-jpeg": () => scrub("jpeg"),
    "scrub-video": () => scrub("video"),
    memory,
    "runs-first": () => runs(true),
    runs: () => runs(false),
  }),
};
