import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { examined } from "./doctor.ts";
import { bridgeDebug, bridgeWorkspace, connect, startHost } from "./studio.ts";
import { PATIENCE } from "./patience.ts";

const cli = fileURLToPath(new URL("../../../cli/bin/pixelvla.js", import.meta.url));
const recipesDir = fileURLToPath(new URL("../../../../recipes", import.meta.url));
const means = { pixelvla: [process.execPath, cli], recipesDir };

/** The shipped base was trained with the gripper from -1 to 1; this run would train it from 0 to 1. */
const mismatched = {
  "training.init": "tabletop-openvla-tiny",
  "training.data.gripper": "unit",
  "training.steps": 2,
  "training.batchSize": 2,
};

test.skipIf(bridgeDebug === undefined)(
  "a gripper that means another thing than it did to the start fails with its remedy, refuses the launch, and can be launched over",
  async () => {
    const workspace = bridgeWorkspace();
    const client = connect(await startHost(workspace, means));
    const { datasetId } = (await client.datasets.list.query())[0]!;
    const request = { recipe: "tabletop-openvla-tiny", datasetId, overrides: mismatched, name: "over" };
    const checks = await examined(client, request);
    expect(checks.find(({ check }) => check === "gripper target")).toEqual({
      check: "gripper target",
      level: "fail",
      message: expect.stringContaining("-1 (closed) to 1 (open), the recipe trains it as 0 (closed) to 1") as string,
      fix: "Set training.data.gripper to signed",
    });
    await expect(client.runs.launch.mutate(request)).rejects.toMatchObject({
      data: { studio: { code: "PVLA_STUDIO_DOCTOR", message: expect.stringContaining("gripper") as string } },
    });
    const { runId } = await client.runs.launch.mutate({ ...request, launchOverFail: true });
    // The run's own doctor lets it go on; what stops it are the widths, which the doctor names as well.
    await vi.waitFor(async () => expect((await client.runs.get.query({ runId })).state).toBe("failed"), {
      ...PATIENCE,
      interval: 500,
    });
    expect((await client.runs.get.query({ runId })).problem!.code).toBe("PVLA_INCOMPATIBLE");
    expect(checks.find(({ check }) => check === "widths")!.level).toBe("fail");

    const repaired = { ...request, overrides: { ...mismatched, "training.data.gripper": "signed" } };
    const better = await examined(client, repaired);
    expect(better.find(({ check }) => check === "gripper target")!.level).toBe("pass");
  },
);

test.skipIf(bridgeDebug === undefined || process.platform !== "linux")(
  "an examination that nobody waits for any more is ended",
  async () => {
    const workspace = bridgeWorkspace();
    // Stands for a doctor that takes long: says one thing and never ends.
    const script = `const fs = require("fs"); fs.writeFileSync(${JSON.stringify(join(workspace, "pid"))}, String(process.pid));
      process.stderr.write('{"type":"message","text":"reading for ever"}\\n'); setInterval(() => {}, 1000);`;
    const client = connect(await startHost(workspace, { ...means, pixelvla: [process.execPath, "-e", script, "--"] }));
    const { datasetId } = (await client.datasets.list.query())[0]!;
    const heard: string[] = [];
    const subscription = client.runs.doctor.subscribe(
      { recipe: "openvla-tiny", datasetId },
      { onData: (event) => heard.push(event.kind === "progress" ? event.what : "result") },
    );
    await vi.waitFor(() => expect(heard).toContain("reading for ever"), PATIENCE);
    const pid = readFileSync(join(workspace, "pid"), "utf8");
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    subscription.unsubscribe();
    await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), PATIENCE);
    expect(heard).not.toContain("result");
  },
);

test.skipIf(bridgeDebug === undefined)("a doctor that dies without a word is a finding, not a crash", async () => {
  const workspace = bridgeWorkspace();
  const dies = { ...means, pixelvla: [process.execPath, "-e", "process.exit(9)", "--"] };
  const client = connect(await startHost(workspace, dies));
  const { datasetId } = (await client.datasets.list.query())[0]!;
  const checks = await examined(client, { recipe: "openvla-tiny", datasetId });
  expect(checks.find(({ check }) => check === "doctor")).toMatchObject({
    level: "fail",
    message: expect.stringContaining("without a report") as string,
  });
});
