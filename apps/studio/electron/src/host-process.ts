import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { APP_ORIGIN } from "./settings.ts";

/** What to open, and how to run the `pixelvla` command. */
export interface WindowTask {
  readonly workspace: string;
  readonly datasets: readonly string[];
  readonly pixelvla: readonly string[];
}

/** A host at work in a process of its own. */
export interface HostProcess {
  readonly origin: string;
  readonly rpcUrl: string;
  readonly token: string;
  readonly onEnd: (listener: () => void) => void;
  readonly stop: () => void;
}

/** Starts the studio's host as a plain Node process that ends with this one. Jobs it launches are not its children any more. */
export async function startHostProcess({ workspace, datasets, pixelvla }: WindowTask): Promise<HostProcess> {
  const [program = "", ...first] = pixelvla;
  const named = datasets.map((path) => `--dataset=${path}`);
  const args = [
    ...first,
    "studio",
    workspace,
    "--web",
    "--json",
    "--until-input-ends",
    `--allow-origin=${APP_ORIGIN}`,
    ...named,
  ];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], windowsHide: true });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    child
      .once("error", reject)
      .once("exit", (code) => reject(new Error(`The studio's host ended with code ${code ?? "none"}.`)));
  });
  const { origin, rpcUrl, url } = JSON.parse(line) as { origin: string; rpcUrl: string; url: string };
  return {
    origin,
    rpcUrl,
    token: new URL(url).searchParams.get("token") ?? "",
    onEnd: (listener) => void child.once("exit", listener),
    stop: () => void child.stdin.end(),
  };
}
