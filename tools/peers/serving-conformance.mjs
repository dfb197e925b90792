// Drives `pixelvla serve` with the unmodified clients of its protocols, against every tiny policy: `node tools/peers/serving-conformance.mjs`.
// Needs the environments of `npm run peers:setup`. Writes docs/reference/serving-conformance.md. Arguments: policies to try (all).
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const python = join(here, ".venv/bin/python");
const keep = process.env.PIXELVLA_SERVING_CASES; // a folder that is kept, for trying things
const folder = keep ?? mkdtempSync(join(tmpdir(), "pixelvla-serving-"));
const chosen = process.argv.slice(2);
/** openpi requests of each case, by two clients at once. */
const REQUESTS = 1000;
/** `experiments/bench_supply.py` of the vla-eval repository (not in its wheel), tried where it is given. */
const supply = process.env.VLA_EVAL_BENCH_SUPPLY;
const rows = [];
const problems = [];

function client(script, args, seconds = 600) {
  const { status, stdout, stderr } = spawnSync(python, ["-W", "ignore", join(here, script), ...args], {
    cwd: here,
    encoding: "utf8",
    timeout: 1000 * seconds,
  });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1));
  process.stderr.write(`${script} ${args.join(" ")}\n${stdout}\n${stderr}\n`);
  problems.push(`${script} ${args.at(-1)}`);
  return undefined;
}

/** vla-eval's own load generator: two client processes, 20 PNG images of 256 x 256 px each. */
function generated(url) {
  const args = [supply, "--url", url, "--image-size", "256", "--num-clients", "2", "--requests-per-client", "20"];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8", timeout: 300_000 });
  const [, total] = /Total requests:\s+(\d+)/.exec(stdout) ?? [];
  const [, medianMs] = /Latency \(median\):\s+([\d.]+) ms/.exec(stdout) ?? [];
  if (status === 0 && total === "40") return { requests: 40, medianMs: Number(medianMs) };
  process.stderr.write(`bench_supply.py ${url}\n${stdout}\n${stderr}\n`);
  problems.push("vla-eval's load generator");
  return undefined;
}

/** Starts the server as a user would and waits until it is ready. */
function serve(run) {
  const child = spawn(
    process.execPath,
    [
      join(root, "apps/cli/bin/pixelvla.js"),
      "serve",
      run,
      "--port",
      "0",
      "--threads",
      "2",
      "--timeout",
      "600",
      "--json",
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (data) => resolve({ child, port: JSON.parse(data.toString()).ports[0] }));
    child.once("exit", (code) => reject(new Error(`serve ended with ${code}`)));
  });
}

const stop = (child) =>
  new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.once("exit", (code, signal) => resolve(signal ?? code));
    child.kill("SIGTERM");
  });

try {
  const cases = ["--conditions=@pixelvla/source", "--import", "tsx", join(here, "serving-cases.ts"), folder, ...chosen];
  process.stderr.write("tiny runs and their actions in this process …\n");
  const made = spawnSync(process.execPath, cases, { cwd: root, stdio: ["ignore", 2, 2] });
  if (made.status !== 0) throw new Error("the cases could not be made");
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  for (const name of readdirSync(join(folder, "runs")).filter((run) => chosen.length === 0 || chosen.includes(run))) {
    const { child, port } = await serve(join(folder, "runs", name));
    try {
      for (const file of files.filter((found) => found.split(".")[0] === name)) {
        const title = file.includes(".mask.") ? `${name}, prompted by a mask` : name;
        process.stderr.write(`${title} …\n`);
        const path = join(folder, file);
        const openpi = client("serve_openpi.py", [`ws://127.0.0.1:${port}`, path, String(REQUESTS)]);
        const openvla = client("serve_openvla.py", [`http://127.0.0.1:${port}`, path]);
        const vlaEval = client("serve_vla_eval.py", [`ws://127.0.0.1:${port}`, path]);
        const load = supply === undefined || file.includes(".mask.") ? undefined : generated(`ws://127.0.0.1:${port}`);
        rows.push({ title, openpi, openvla, vlaEval, load });
      }
    } finally {
      const how = await stop(child);
      if (how !== 0) problems.push(`${name}: the server ended with ${how} on SIGTERM`);
    }
  }
  if (problems.length > 0) {
    process.stderr.write(`FAILED: ${problems.join("; ")}\n`);
    process.exitCode = 1;
  } else if (chosen.length === 0) writeFileSync(join(root, "docs/reference/serving-conformance.md"), page());
  process.stdout.write(`${JSON.stringify(rows)}\n`);
} finally {
  if (keep === undefined) rmSync(folder, { recursive: true, force: true });
}

function page() {
  const cell = (found) =>
    found === undefined ? "failed" : found.difference === 0 ? "equal" : found.difference.toExponential(1);
  const table = rows.map(
    ({ title, openpi, openvla, vlaEval }) =>
      `| ${title} | ${cell(openpi)} | ${openpi.medianMs} | ${cell(openvla)} | ${cell(vlaEval)} |`,
  );
  const [{ openpi, openvla, vlaEval, load }] = rows;
  const requests = rows.reduce((sum, row) => sum + row.openpi.requests, 0);
  const loads = rows.flatMap((row) => (row.load === undefined ? [] : [row.load.medianMs]));
  const generator =
    load === undefined
      ? "Its repository's load generator was not run (`VLA_EVAL_BENCH_SUPPLY=experiments/bench_supply.py`)."
      : `Its repository's load generator (\`experiments/bench_supply.py\`, unmodified): two client processes, 40 images of 256 px for each of ${loads.length} policies, all
  answered, medians from ${Math.min(...loads)} to ${Math.max(...loads)} ms.`;
  return `# Serving: conformance with the real clients

Written by \`node tools/peers/serving-conformance.mjs\` (needs \`npm run peers:setup\`), which stops short of this page when anything fails. Last run:
${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}. Every client is the unmodified package from PyPI and talks to \`pixelvla serve RUN\` in a process of its own.
The numbers are the largest deviation from the same policy's actions in process (\`@pixelvla/training/tabletop-policy\`), relative to
their scale; the limit is 1e-5. The medians (ms, two clients at once, 20 queries an episode) were taken on a machine that was busy with other things: speed is
in [performance/serving](../performance/serving.md).

| policy | ${openpi.client} | median ms | OpenVLA and OFT: ${openvla.client} | ${vlaEval.client} |
| --- | --- | --- | --- | --- |
${table.join("\n")}

- **openpi-client**: handshake and metadata; three queries of an episode; its action chunk broker; images of another size, channel-first and
  float; ${REQUESTS} requests by two clients at once for each row (${requests} in all), the first of every episode compared; the error path (text frame, close 1011), other
  clients unharmed. The prompted rows send the mask with the first frame of an episode only; the server follows it.
- **OpenVLA**: \`/act\` with json-numpy patched into json and requests: single, double-encoded and OFT's form; \`"error"\` with status 200; 422 for a body that is no JSON.
- **vla-eval**: its own stub benchmark; a \`StepBenchmark\` run by its orchestrator in its process, two episodes, every executed action compared; two
  connections that load the server; an observation without episode and one without image (errors, connection kept). ${generator}

Exported folders in Python's onnxruntime, and simulators: [serving](serving.md).
`;
}
