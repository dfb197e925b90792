import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandsInProcess } from "../../../test/in-process.ts";

const bin = fileURLToPath(new URL("../../../bin/pixelvla.js", import.meta.url));
const pixelvla = commandsInProcess();
const folder = mkdtempSync(join(tmpdir(), "pixelvla-bench-server-"));
const module = join(folder, "reactive.mjs");

/** Every action depends on the picture, the state and the text, so that whatever the wire changes changes the episode. */
const REACTIVE = `export const createPolicy = () => ({
  name: "reactive",
  stateDim: 8,
  reset() {},
  act({ image, state, instruction }) {
    const bright = image.reduce((sum, value) => sum + value, 0) / image.length / 255;
    const actions = new Float32Array(4 * 7);
    for (let k = 0; k < 4; k++) {
      const row = [bright - 0.5, state[0] / 10, -state[2] / 4, 0, instruction.length / 500, 0.02 * k, k % 2];
      actions.set(row.map((value) => value / 20), 7 * k);
      actions[7 * k + 6] = k % 2;
    }
    return { chunkSize: 4, actions };
  },
});
`;

let server: ChildProcess;
let port: number;
beforeAll(async () => {
  writeFileSync(module, REACTIVE);
  server = spawn(process.execPath, [bin, "serve", module, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  port = await new Promise<number>((resolve, reject) => {
    server.stdout!.once("data", (data: Buffer) =>
      resolve((JSON.parse(data.toString()) as { ports: [number] }).ports[0]),
    );
    server.once("exit", (code) => reject(new Error(`serve ended with ${code ?? "a signal"}`)));
  });
});
afterAll(async () => {
  server.removeAllListeners("exit");
  if (server.exitCode === null) {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true });
});

/** Plays two episodes; gives what was logged of them, all actions included. */
async function played(name: string, ...policy: string[]): Promise<readonly Record<string, unknown>[]> {
  const out = join(folder, name);
  const args = ["bench", "run", ...policy, "--episodes", "2", "--threads", "0", "--out", out, "--json"];
  expect(await pixelvla(...args)).toMatchObject({ code: 0 });
  const lines = readFileSync(join(out, "episodes.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("bench run --server plays the very episodes that the same policy plays in process", async () => {
  const local = await played("local", "--policy", module);
  expect(local).toHaveLength(2);
  expect(local[0]!["stateHash"]).not.toBe(local[1]!["stateHash"]);
  const remote = await played("remote", "--server", `ws://127.0.0.1:${port}`);
  expect(remote.map(({ actions, stateHash }) => ({ actions, stateHash }))).toEqual(
    local.map(({ actions, stateHash }) => ({ actions, stateHash })),
  );
});

test("a server that cannot be reached fails the command with its address", async () => {
  expect(await pixelvla("bench", "run", "--server", "ws://127.0.0.1:9", "--threads", "0")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/PVLA_REMOTE_POLICY.*ws:\/\/127\.0\.0\.1:9.*ECONNREFUSED/s) as string,
  });
});
