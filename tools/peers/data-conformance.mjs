// Compares packages/data with the originals of its formats, all in one go: `node tools/peers/data-conformance.mjs`.
// Needs the environments of `npm run peers:setup`. Writes docs/reference/data-conformance.md.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "pixelvla-conformance-"));
const bridge = join(root, "../shared/data/octo-bridge-debug/bridge_dataset/1.0.0");

function run(title, command, args, options = {}) {
  process.stderr.write(`${title} …\n`);
  const begun = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...options,
  });
  const seconds = ((Date.now() - begun) / 1000).toFixed(0);
  if (status !== 0) {
    process.stderr.write(`${stdout}\n${stderr}\n${title}: FAILED after ${seconds} s\n`);
    process.exitCode = 1;
    return undefined;
  }
  process.stderr.write(`${title}: passed in ${seconds} s\n`);
  return stdout;
}

const lastJson = (text) => JSON.parse(text.trim().split("\n").at(-1));
const python = (venv) => join(here, venv, "bin/python");
const rows = [];

try {
  const source = ["--import", "tsx", "--conditions=@pixelvla/source"];
  run("writing datasets", process.execPath, [...source, "packages/data/test/write-conformance-set.ts", folder]);

  const masks = run("pycocotools", python(".venv"), [join(here, "data_masks.py"), folder]);
  if (masks !== undefined) {
    const { pycocotools, masks: count } = lastJson(masks);
    rows.push([
      `pycocotools ${pycocotools}`,
      `decodes ${count} masks of ours to the same pixels, gives the same area and box, and encodes them to the same string`,
    ]);
  }

  const lerobot = run("lerobot", python(".venv-lerobot"), ["-W", "ignore", join(here, "data_lerobot.py"), folder]);
  if (lerobot !== undefined) {
    const result = lastJson(lerobot);
    for (const { dataset, episodes, frames, colourError } of result.checked)
      rows.push([
        `lerobot ${result.lerobot} (${result.codebase})`,
        `opens \`${dataset}\`: ${episodes} episodes, ${frames} frames; index, time, task, state, action and annotation columns equal, frames in place (mean colours within ${colourError} of 255)`,
      ]);
  }

  if (existsSync(bridge)) {
    const tfds = run("tensorflow-datasets", python(".venv-tf"), [join(here, "tfds_bridge.py"), bridge]);
    const versions = run("versions", python(".venv-tf"), [
      "-c",
      "from importlib.metadata import version as v; print(v('tensorflow-datasets'), v('tensorflow-cpu'))",
    ]);
    if (tfds !== undefined && versions !== undefined) {
      const [tfdsVersion, tensorflow] = versions.trim().split(" ");
      rows.push([
        `tensorflow-datasets ${tfdsVersion}, tensorflow ${tensorflow}`,
        "reads both splits of the Bridge debug set; its digests are the golden the next line compares with",
      ]);
    }
  }

  const tests = ["test/peers.test.ts", "test/pycocotools.test.ts", "test/pixel-dataset-round-trip.test.ts"];
  const vitest = run("our readers against the goldens", "npx", ["vitest", "run", ...tests], {
    cwd: join(root, "packages/data"),
  });
  if (vitest !== undefined) {
    const report = JSON.parse(readFileSync(join(root, "packages/data/.cache/test-results.json"), "utf8"));
    for (const { assertionResults } of report.testResults)
      for (const { title, status } of assertionResults)
        rows.push(["ours", `${title}: ${status === "passed" ? "yes" : status}`]);
  }
  if (process.exitCode === undefined) writeFileSync(join(root, "docs/reference/data-conformance.md"), page(rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function page(lines) {
  const table = lines.map(([who, what]) => `| ${who} | ${what} |`).join("\n");
  return `# Data: conformance with the originals

Written by \`node tools/peers/data-conformance.mjs\` (needs \`npm run peers:setup\`), which runs every comparison below again and
stops short of this page when one fails. Last run: ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}.

| who | what was found |
| --- | --- |
${table}

The datasets opened by lerobot are written for the purpose by \`packages/data/test/write-conformance-set.ts\`: synthetic ones, whose colours
count the frames, as stored images, AV1 and H.264; and the real Bridge debug set converted by \`convertDataset\`.
lerobot decodes video with PyAV here. The goldens in \`packages/data/test/golden\` let the same comparisons run in every test without Python.
`;
}
