import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStudioHost, type StudioHost } from "@pixelvla/studio-host";
import { chromium, type Browser, type Page } from "playwright-core";
import { appDir, setup as buildApp } from "../test/build-app.ts";
import { chromiumFlags, findChromium } from "../test/chromium.ts";

/** Workspace of the studio's benchmarks; what the makers wrote there is used again. */
export const CACHE = fileURLToPath(new URL("../../host/.cache/perf/workspace", import.meta.url));
const N_EPISODES = 100_000;
/** What the made runs differ from. */
const RECIPES = fileURLToPath(new URL("../../../../recipes", import.meta.url));

/** A host, a browser and a page of its own. */
export interface Studio {
  readonly host: StudioHost;
  readonly browser: Browser;
  readonly page: Page;
  close(): Promise<void>;
}

/** Runs one of the host benchmark's makers; what is there already is left alone. */
export function make(script: string, ...values: (string | number)[]): void {
  const file = fileURLToPath(new URL(`../../host/perf/${script}`, import.meta.url));
  const flags = ["--conditions=@pixelvla/source", "--import", "tsx"];
  execFileSync(process.execPath, [...flags, file, ...values.map(String)], { stdio: ["ignore", "ignore", "inherit"] });
}

/** The page is built once a benchmark case. */
let built: Promise<void> | undefined;

interface OpenOptions {
  /** What the studio opens; `CACHE` unless given, whose dataset is made in any case. */
  readonly workspace?: string;
  readonly needsRuns?: boolean;
  readonly datasets?: string[];
}

/** The built page in Chromium, on a workspace of 100,000 episodes and, where asked, 1,000 runs of 10,000 points. */
export async function openStudio({ workspace = CACHE, needsRuns, datasets = [] }: OpenOptions = {}): Promise<Studio> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium was found: run tools/browser/install.sh");
  await (built ??= buildApp());
  for (const folder of ["datasets", "recipes"]) mkdirSync(join(CACHE, folder), { recursive: true });
  make("make-dataset.ts", join(CACHE, "datasets", "many"), N_EPISODES);
  if (needsRuns) make("make-runs.ts", join(CACHE, "runs"), 1000, 10_000);
  const host = await startStudioHost({ workspace, appDir, datasets, recipesDir: RECIPES });
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

/** The value below which `share` of the values lie. */
export const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

/** Times between the frames that the page draws during `ms`, milliseconds. */
export const frameGaps = (page: Page, ms: number): Promise<number[]> =>
  page.evaluate(
    (lastsMs) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        const tick = (time: number) => {
          times.push(time);
          if (time - times[0]! < lastsMs) requestAnimationFrame(tick);
          else resolve(times.slice(1).map((at, i) => at - times[i]!));
        };
        requestAnimationFrame(tick);
      }),
    ms,
  );

/** Cases of a benchmark of the page by name, and how the one asked for is prepared. */
export function pageCases<Side>(sides: Readonly<Record<string, () => Promise<Side>>>) {
  return {
    cases: Object.keys(sides).map((what) => ({ name: what, params: { what } })),
    ours: ({ what }: { what: string }): Promise<Side> => sides[what]!(),
  };
}
