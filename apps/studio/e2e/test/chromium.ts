import { existsSync } from "node:fs";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser to drive: `PIXELVLA_CHROMIUM`, or the system's Chromium or Chrome; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env["PIXELVLA_CHROMIUM"];
  return [...(named === undefined ? [] : [named]), ...places].find((path) => existsSync(path));
}

/** Switches that keep the browser to itself: no sandbox in containers, software drawing, nothing fetched in the background. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
