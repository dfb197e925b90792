import { fileURLToPath } from "node:url";
import { build } from "vite";
import { findChromium } from "./chromium.ts";

/** Where the tests' copy of the page is built, so that a developer's own build is left alone. */
export const appDir = fileURLToPath(new URL("../.cache/app", import.meta.url));

/** Builds the renderer once before all tests. */
export async function setup(): Promise<void> {
  if (findChromium() === undefined) return;
  const renderer = fileURLToPath(new URL("../../renderer", import.meta.url));
  await build({
    root: renderer,
    configFile: `${renderer}/vite.config.ts`,
    logLevel: "error",
    build: { outDir: appDir, emptyOutDir: true },
  });
}
