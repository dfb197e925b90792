import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { builtinLaunchers, jobPaths, launchJob, readLaunchFile, readStatus, type LaunchRequest } from "../src/index.ts";

const root = mkdtempSync(join(tmpdir(), "pixelvla-launchers-"));
const bin = join(root, "bin");
mkdirSync(bin);

/** A program of that name on the PATH, first. */
function fake(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"] ?? ""}`);
}
afterEach(() => vi.unstubAllEnvs());

/** Work that notes how it was called, with a text that shells like to take apart. */
const AWKWARD = `it's "50 %" of $HOME; a\\b`;
const request = (name: string): LaunchRequest => ({
  runsDir: join(root, "runs"),
  name,
  kind: "train",
  command: (dir) => [process.execPath, "-e", NOTE, join(dir, "began"), AWKWARD],
  resumeCommand: (dir) => [process.execPath, "-e", NOTE, join(dir, "went-on"), AWKWARD],
  cwd: root,
  env: { PIXELVLA_TEST: "two words" },
  unit: "train steps",
});
const NOTE = `require("node:fs").writeFileSync(process.argv[1], JSON.stringify([process.argv[2], process.env.PIXELVLA_TEST, process.cwd()]))`;

test("Slurm: the script has the asked-for resources, runs the very command, and goes on when it is started again", async () => {
  fake("sbatch", `printf '%s\\n' "$@" > ${join(root, "sbatch.args")}; echo "4242;cluster"`);
  const launched = await launchJob(
    builtinLaunchers,
    "slurm",
    { partition: "gpu", gpus: 2, cpus: 4, time: "2-00:00:00", extra: ["--constraint=a100"] },
    request("slurm-run"),
  );
  expect(launched).toMatchObject({ id: "4242", note: expect.stringContaining("squeue -j 4242") as string });
  expect(readFileSync(join(root, "sbatch.args"), "utf8")).toBe(`--parsable\n${launched.file!}\n`);
  const script = readFileSync(launched.file!, "utf8");
  expect(script.split("\n").filter((line) => line.startsWith("#SBATCH"))).toEqual([
    "#SBATCH --job-name=slurm-run",
    `#SBATCH --output=${jobPaths(launched.dir).log}`,
    "#SBATCH --open-mode=append",
    "#SBATCH --partition=gpu",
    "#SBATCH --time=2-00:00:00",
    "#SBATCH --cpus-per-task=4",
    "#SBATCH --mem=32G",
    "#SBATCH --gres=gpu:2",
    "#SBATCH --signal=B:TERM@180",
    "#SBATCH --requeue",
    "#SBATCH --constraint=a100",
  ]);
  expect((await readStatus(launched.dir)).state).toBe("queued");
  expect(readLaunchFile(launched.dir).launcher).toEqual({ name: "slurm", id: "4242" });

  execFileSync("bash", [launched.file!]);
  const expected = [AWKWARD, "two words", root];
  expect(JSON.parse(readFileSync(join(launched.dir, "began"), "utf8"))).toEqual(expected);
  expect(existsSync(join(launched.dir, "went-on"))).toBe(false);
  writeFileSync(jobPaths(launched.dir).config, "{}"); // as a run that has begun leaves it
  execFileSync("bash", [launched.file!]);
  expect(JSON.parse(readFileSync(join(launched.dir, "went-on"), "utf8"))).toEqual(expected);
});

test("Slurm's refusal is passed on, an absent sbatch named, a wrong option with its key", async () => {
  fake("sbatch", `echo "sbatch: error: invalid partition specified: gpuu" >&2; exit 1`);
  await expect(launchJob(builtinLaunchers, "slurm", { partition: "gpuu" }, request("refused"))).rejects.toMatchObject({
    code: "PVLA_LAUNCH",
    message: expect.stringContaining("invalid partition specified: gpuu") as string,
  });
  vi.stubEnv("PATH", mkdtempSync(join(tmpdir(), "pixelvla-empty-")));
  await expect(launchJob(builtinLaunchers, "slurm", {}, request("absent"))).rejects.toThrow(/no sbatch on the PATH/);
  await expect(launchJob(builtinLaunchers, "slurm", { time: "soon" }, request("wrong"))).rejects.toMatchObject({
    code: "PVLA_CONFIG",
    message: expect.stringMatching(/Launching with "slurm": time /) as string,
  });
  await expect(launchJob(builtinLaunchers, "slrum", {}, request("unknown"))).rejects.toThrow(
    /no launcher is named "slrum"\. Did you mean "slurm"\? Available: local, slurm, kubernetes/,
  );
});

test("Kubernetes: the manifest mounts the volume where it is here and runs the same script; it is applied where asked", async () => {
  fake("kubectl", `printf '%s\\n' "$@" > ${join(root, "kubectl.args")}`);
  const options = { image: "example/pixelvla:1", volumeClaim: "work", mountPath: root, gpus: 1 };
  const launched = await launchJob(builtinLaunchers, "kubernetes", options, request("Run_A"));
  expect(existsSync(join(root, "kubectl.args"))).toBe(false);
  expect(launched.note).toContain(`kubectl apply -f ${launched.file!}`);
  interface Container {
    readonly command: readonly string[];
    readonly resources: { readonly limits: Record<string, unknown> };
    readonly volumeMounts: readonly unknown[];
  }
  const manifest = parse(readFileSync(launched.file!, "utf8")) as {
    metadata: { name: string };
    spec: { backoffLimit: number; template: { spec: { containers: Container[]; volumes: unknown[] } } };
  };
  expect(manifest.metadata.name).toBe("pixelvla-run-a");
  const { containers, volumes } = manifest.spec.template.spec;
  expect(containers[0]!.resources.limits).toEqual({ cpu: 8, memory: "32Gi", "nvidia.com/gpu": 1 });
  expect(containers[0]!.volumeMounts).toEqual([{ name: "workspace", mountPath: root }]);
  expect(volumes).toEqual([{ name: "workspace", persistentVolumeClaim: { claimName: "work" } }]);
  const [shell = "", ...args] = containers[0]!.command;
  execFileSync(shell, args);
  expect(JSON.parse(readFileSync(join(launched.dir, "began"), "utf8"))).toEqual([AWKWARD, "two words", root]);

  const applied = await launchJob(builtinLaunchers, "kubernetes", { ...options, apply: true }, request("Run_A"));
  expect(readFileSync(join(root, "kubectl.args"), "utf8")).toBe(`apply\n-f\n${applied.file!}\n`);
  expect(applied.id).toBe("pixelvla-run-a-2");
});
