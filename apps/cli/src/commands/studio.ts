import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineCommand } from "citty";
import { interruptSignal } from "../terminal/interrupt.ts";
import { jsonArg } from "../terminal/output.ts";

/** The `pixelvla` command as this process was started, for the jobs that the studio launches. */
const pixelvla = () => [process.execPath, ...process.execArgv, process.argv[1] ?? ""];

export const studioCommand = defineCommand({
  meta: { name: "studio", description: "Open the studio on a workspace" },
  args: {
    workspace: {
      type: "positional",
      required: false,
      default: ".",
      description: "Folder with runs/, datasets/, recipes/",
    },
    web: {
      type: "boolean",
      default: false,
      description: "Serve to a browser even where the desktop window can be had",
    },
    port: { type: "string", default: "0", description: "Port on 127.0.0.1; 0 for any free one" },
    dataset: { type: "string", description: "A dataset outside the workspace that may be read; may be given again" },
    allowOrigin: { type: "string", description: "Origin of another page that may connect, e.g. a development server" },
    untilInputEnds: { type: "boolean", default: false, description: "End when standard input does" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const workspace = resolve(args.workspace);
    const datasets = repeated(rawArgs, "--dataset").map((path) => resolve(path));
    if (!args.web) {
      const { electronCommand } = await import("@pixelvla/studio-electron");
      const window = electronCommand({ workspace, datasets, pixelvla: pixelvla() });
      if (window !== undefined) {
        await runWindow(window.program, window.args, window.env);
        return;
      }
      process.stderr.write("No Electron binary is installed, so the studio is served to your browser.\n");
    }
    const { findAppDir, startStudioHost } = await import("@pixelvla/studio-host");
    const host = await startStudioHost({
      workspace,
      datasets,
      port: Number(args.port),
      origins: repeated(rawArgs, "--allow-origin", "--allowOrigin"),
      appDir: findAppDir(),
      pixelvla: pixelvla(),
      recipesDir: shippedRecipes(),
    });
    const { url, origin, rpcUrl, port } = host;
    process.stdout.write(
      args.json
        ? `${JSON.stringify({ url, origin, rpcUrl, port })}\n`
        : `PixelVLA Studio on ${workspace}\n\n  ${url}\n\nOn another machine, forward the port first: ssh -L ${port}:127.0.0.1:${port} HOST\nCtrl-C ends the studio; jobs go on.\n`,
    );
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    await new Promise<void>((done) => {
      signal.addEventListener("abort", () => done(), { once: true });
      if (args.untilInputEnds) process.stdin.resume().once("end", done).once("error", done);
    });
    await host.close();
  },
});

/** Every value of an option that may be given again. */
function repeated(rawArgs: readonly string[], ...names: readonly string[]): string[] {
  return rawArgs.flatMap((arg, i) => {
    const [name = "", ...value] = arg.split("=");
    if (!names.includes(name)) return [];
    const given = value.length > 0 ? value.join("=") : rawArgs[i + 1];
    return given === undefined ? [] : [given];
  });
}

/** Recipes of the checkout; undefined in an installed package, which brings none. */
function shippedRecipes(): string | undefined {
  const folder = fileURLToPath(new URL("../../../../recipes", import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

/** Runs the desktop window until it is closed; Ctrl-C closes it. */
async function runWindow(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...env } });
  using interrupts = interruptSignal();
  const { signal } = interrupts;
  signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  process.exitCode = await new Promise<number>((done, fail) => {
    child.once("exit", (code) => done(code ?? 0)).once("error", fail);
  });
}
