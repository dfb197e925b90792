import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStudioHost, type StudioHost, type StudioHostOptions } from "@pixelvla/studio-host";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { appDir } from "./build-app.ts";
import { chromiumFlags, findChromium } from "./chromium.ts";

/** The repository. */
export const root = fileURLToPath(new URL("../../../..", import.meta.url));
const shared = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
const bridge = join(shared, "octo-bridge-debug", "bridge_dataset", "1.0.0");

/** Real BridgeData V2 episodes beside the checkout; undefined where they are not. */
export const bridgeDir = existsSync(bridge) ? bridge : undefined;

/** Whether the browser tests can run; says why where they cannot. */
export const canRun = findChromium() !== undefined && bridgeDir !== undefined;
if (!canRun)
  console.warn(
    `The studio's browser tests are skipped: ${findChromium() === undefined ? "no Chromium (tools/browser/install.sh installs one)" : "no sample data beside the checkout"}.`,
  );

/** An empty workspace, removed after the test. */
export function makeWorkspace(): string {
  const root = mkdtempSync(join(tmpdir(), "pixelvla-e2e-"));
  for (const folder of ["runs", "datasets", "recipes"]) mkdirSync(join(root, folder));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  return root;
}

/** A host on a free port, closed after the test. */
export async function startHost(workspace: string, options: Partial<StudioHostOptions> = {}): Promise<StudioHost> {
  const host = await startStudioHost({
    workspace,
    datasets: bridgeDir === undefined ? [] : [bridgeDir],
    appDir,
    ...options,
  });
  onTestFinished(() => host.close());
  return host;
}

/** A browser, closed after the test. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumFlags,
  });
  onTestFinished(() => browser.close());
  return browser;
}

/** A page on the studio. Any exception or error message of the page fails the test. */
export async function openStudio(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { theme?: "dark" | "light" } = {},
): Promise<Page> {
  const { theme = "dark", ...contextOptions } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions });
  await context.addInitScript((scheme) => {
    if (localStorage.getItem("mantine-color-scheme-value") === null)
      localStorage.setItem("mantine-color-scheme-value", scheme);
  }, theme);
  context.setDefaultTimeout(60_000); // two stories share two cores with the training that they start
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  // A host that goes away cuts sockets and pictures under way; the tests of that check that the page recovers.
  page.on("console", (message) => {
    const { url: source } = message.location();
    // Chromium asks for /favicon.ico by itself now and then, whatever icon the page names.
    if (source.endsWith("/favicon.ico")) return;
    if (message.type() === "error" && !/WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE/.test(message.text()))
      errors.push(`${message.text()} (${source})`);
  });
  onTestFinished(() => {
    if (errors.length > 0) throw new Error(`the page reported errors: ${errors.join("; ")}`);
  });
  await page.goto(url);
  await page.waitForSelector("[data-state=open]");
  return page;
}

/** Goes to a view by its address. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next;
  }, hash);
}

/** Waits until the address holds `part`. */
export async function waitForAddress(page: Page, part: string): Promise<void> {
  await page.waitForFunction((wanted) => location.hash.includes(wanted), part, { timeout: 30_000 });
}
