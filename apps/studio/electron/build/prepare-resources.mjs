// Gathers what a packaged studio runs its host and jobs with, in .cache/resources: this Node and the pixelvla command with all it needs.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const out = fileURLToPath(new URL("../.cache/resources", import.meta.url));
const packs = join(out, "packs");
rmSync(out, { recursive: true, force: true });
for (const folder of ["node", "pixelvla", "packs"]) mkdirSync(join(out, folder), { recursive: true });
cpSync(process.execPath, join(out, "node", basename(process.execPath)));

const npm = (args, cwd) =>
  execFileSync("npm", args, { cwd, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
const query = execFileSync("npm", ["query", ".workspace"], {
  cwd: root,
  encoding: "utf8",
  shell: process.platform === "win32",
});
const ours = JSON.parse(query).filter(({ name }) => name.startsWith("@pixelvla/") && name !== "@pixelvla/tools");
for (const { name } of ours) npm(["pack", "--workspace", name, "--pack-destination", packs, "--silent"], root);

const files = readdirSync(packs);
const dependencies = Object.fromEntries(
  ours.map(({ name, version }) => [
    name,
    `file:../packs/${files.find((file) => file === `${name.slice(1).replace("/", "-")}-${version}.tgz`)}`,
  ]),
);
const { license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
writeFileSync(
  join(out, "pixelvla", "package.json"),
  JSON.stringify({ private: true, license, dependencies, overrides: dependencies }, null, 2),
);
npm(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], join(out, "pixelvla"));
console.log(`Resources are in ${out}`);
