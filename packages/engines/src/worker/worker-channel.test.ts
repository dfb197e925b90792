import { expect, test } from "vitest";
import { WorkerChannel } from "./worker-channel.ts";

const crashing = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ id, method }) => {
      if (method === "crash") throw new Error("out of memory");
      if (method === "leave") process.exit(3);
      parentPort.postMessage({ id, ok: true, result: method });
    });
  `)}`,
);
const open = () => new WorkerChannel("test", { url: crashing, options: { execArgv: [], argv: [] } });

test("a worker that throws rejects open and later calls with its reason", async () => {
  const channel = open();
  expect(await channel.call("echo", undefined)).toBe("echo");
  await expect(channel.call("crash", undefined)).rejects.toMatchObject({ code: "PVLA_ENGINE_CRASHED" });
  await expect(channel.call("echo", undefined)).rejects.toThrow("out of memory");
});

test("a worker that leaves is reported with its exit code", async () => {
  await expect(open().call("leave", undefined)).rejects.toThrow("code 3");
});
