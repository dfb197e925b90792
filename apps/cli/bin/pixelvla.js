#!/usr/bin/env node
// In a checkout the command runs from TypeScript source, so it needs no build; an installed package has only dist/.
import { existsSync } from "node:fs";
import { register } from "node:module";

const source = new URL("../src/bin.ts", import.meta.url);
if (existsSync(source)) {
  register("./source-hooks.js", import.meta.url);
  (await import("tsx/esm/api")).register();
  await import(source.href);
} else {
  await import(new URL("../dist/bin.js", import.meta.url).href);
}
