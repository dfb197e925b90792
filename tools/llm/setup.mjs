// Installs node-llama-cpp and the CPU build of llama.cpp for this platform beside this file (46 MB), for the tests of
// the local language model: `npm run llm:setup`. A plain `npm install node-llama-cpp` would add 320 MB of CUDA builds.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = "3.22.1";
const builds = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};
const build = builds[`${process.platform}-${process.arch}`];
if (!build) {
  console.error(`Installing llama.cpp: there is no build for ${process.platform}-${process.arch}.`);
  process.exit(1);
}
const here = dirname(fileURLToPath(import.meta.url));
const packages = [`node-llama-cpp@${VERSION}`, `@node-llama-cpp/${build}@${VERSION}`];
const flags = ["--prefix", here, "--no-save", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
const { status } = spawnSync("npm", ["install", ...flags, ...packages], { stdio: "inherit", cwd: here });
process.exit(status ?? 1);
