import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LiveEvent } from "@pixelvla/studio-contract";
import { expect, test, vi } from "vitest";
import { examined } from "./doctor.ts";
import { bridgeDebug, bridgeWorkspace, connect, makeWorkspace, startHost } from "./studio.ts";
import { PATIENCE } from "./patience.ts";

const cli = fileURLToPath(new URL("../../../cli/bin/pixelvla.js", import.meta.url));
const recipesDir = fileURLToPath(new URL("../../../../recipes", import.meta.url));
const means = { pixelvla: [process.execPath, cli], recipesDir };

const few = {
  "training.steps": 400,
  "training.batchSize": 4,
  "training.checkpoint.everySteps": 5,
  "training.logEverySteps": 1,
};

test.skipIf(bridgeDebug === undefined)(
  "a run is launched, its loss arrives live, it outlives the studio, stops, resumes and is cloned",
  async () => {
    const workspace = bridgeWorkspace();
    const first = await startHost(workspace, means);
    const client = connect(first);
    const { datasetId } = (await client.datasets.list.query())[0]!;
    const request = { recipe: "openvla-tiny", datasetId, name: "tiny", overrides: few };
    const steps: string[] = [];
    const checks = await examined(client, request, ({ what }) => steps.push(what));
    expect(checks.filter(({ level }) => level === "fail")).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        "recipe",
        "gripper",
        "deltas",
        "parts",
        "gripper target",
        "geometry",
        "prompt",
        "memory",
      ]),
    );
    expect(steps).toEqual(expect.arrayContaining(["reading the recipe", "composing the policy"]));

    const { runId } = await client.runs.launch.mutate(request);
    const losses: number[] = [];
    client.runs.live.subscribe(
      { runId },
      { onData: ({ points }: LiveEvent) => losses.push(...(points["loss"]?.y ?? [])) },
    );
    await vi.waitFor(() => expect(losses.length).toBeGreaterThan(5), { ...PATIENCE, interval: 200 });
    await first.close();

    const host = await startHost(workspace, means);
    const again = connect(host);
    const seen = await again.runs.get.query({ runId });
    expect(seen).toMatchObject({ state: "running", recipe: "openvla-tiny", dataset: "octo-bridge-debug" });
    await vi.waitFor(
      async () => expect((await again.runs.get.query({ runId })).changes).toContain("training.batchSize 4"),
      PATIENCE,
    );
    const before = seen.latest["step"]!;
    await vi.waitFor(
      async () => expect((await again.runs.get.query({ runId })).latest["step"]).toBeGreaterThan(before),
      PATIENCE,
    );

    await again.runs.command.mutate({ runId, command: "stop" });
    await vi.waitFor(async () => expect((await again.runs.get.query({ runId })).state).toBe("stopped"), PATIENCE);
    const stopped = await again.runs.get.query({ runId });
    expect(stopped.checkpoints.length).toBeGreaterThan(0);
    expect(stopped.commands).toEqual(["resume"]);

    await again.runs.command.mutate({ runId, command: "resume" });
    await vi.waitFor(
      async () =>
        expect((await again.runs.get.query({ runId })).latest["step"]).toBeGreaterThan(stopped.latest["step"]!),
      PATIENCE,
    );
    await again.runs.command.mutate({ runId, command: "stop" });
    await vi.waitFor(async () => expect((await again.runs.get.query({ runId })).state).toBe("stopped"), PATIENCE);

    const changed = { "training.optimizer.learningRate": 0.002, "training.steps": 3 };
    const clone = await again.runs.clone.mutate({ runId, name: "tiny-lr", overrides: changed });
    await again.runs.command.mutate({ runId: clone.runId, command: "stop" }).catch(() => undefined); // unless it has begun
    const launched = JSON.parse(readFileSync(join(workspace, "runs", "tiny-lr", "launch.json"), "utf8")) as {
      command: string[];
    };
    expect(launched.command).toEqual(expect.arrayContaining(["train", "--set=training.steps=3"]));
    const recipe = readFileSync(
      launched.command.find((part) => part.endsWith("openvla-tiny.yaml"))!,
      "utf8",
    );
    expect(recipe).toContain("batchSize: 4"); // the run's own changes are part of what is cloned
    const done = ["stopped", "done"];
    await vi.waitFor(
      async () => expect(done).toContain((await again.runs.get.query({ runId: clone.runId })).state),
      PATIENCE,
    );
  },
);

test.skipIf(bridgeDebug === undefined)(
  "hostile recipes, plugin names and overrides are refused with a reason, and start nothing",
  async () => {
    const workspace = bridgeWorkspace();
    const tiny = readFileSync(join(recipesDir, "openvla-tiny.yaml"), "utf8");
    const recipe = (name: string, text: string) => writeFileSync(join(workspace, "recipes", name), text);
    recipe(
      "bomb.yaml",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? "a" : `b${i - 1}`},`.repeat(9)}]`).join("\n")}\n`,
    );
    recipe("plugin.yaml", tiny.replace("name: llama", "name: ../../../../tmp/evil"));
    recipe("proto.yaml", `__proto__: { polluted: yes }\n${tiny}`);
    recipe("tag.yaml", `${tiny}\nextra: !!js/function 'function(){ process.exit(1) }'\n`);
    recipe("huge.yaml", tiny.replace("layers: 2", "layers: 100000000"));
    recipe("-rf.yaml", "not: [a recipe");
    const host = await startHost(workspace, means);
    const client = connect(host);
    const { datasetId } = (await client.datasets.list.query())[0]!;
    const names = (await client.runs.recipes.query())
      .filter(({ source }) => source === "workspace")
      .map(({ name }) => name);
    expect(names.toSorted()).toEqual(["-rf", "bomb", "huge", "plugin", "proto", "tag"]);
    for (const name of ["bomb", "plugin", "proto", "tag", "-rf"]) {
      const checks = await examined(client, { recipe: name, datasetId });
      expect(
        checks.some(({ level }) => level === "fail"),
        name,
      ).toBe(true);
      await expect(client.runs.launch.mutate({ recipe: name, datasetId }), name).rejects.toMatchObject({
        data: { studio: { code: "PVLA_STUDIO_DOCTOR" } },
      });
    }
    for (const name of ["../../etc/passwd", "/etc/passwd", "nope", "openvla-tiny.yaml", "..", "$(touch x)"])
      await expect(client.runs.launch.mutate({ recipe: name, datasetId }), name).rejects.toMatchObject({
        data: { studio: { code: "PVLA_STUDIO_UNKNOWN" } },
      });
    for (const overrides of [
      { "__proto__.x": 1 },
      { "a.constructor.prototype": 1 },
      { "--run": "/tmp" },
      { "a b": 1 },
      { "": 1 },
    ])
      await expect(client.runs.launch.mutate({ recipe: "openvla-tiny", datasetId, overrides })).rejects.toMatchObject({
        data: { studio: { code: "PVLA_STUDIO_INPUT" } },
      });
    for (const name of ["../out", "-x", "a/b", ".hidden", "x".repeat(81)])
      await expect(client.runs.launch.mutate({ recipe: "openvla-tiny", datasetId, name })).rejects.toMatchObject({
        data: { studio: { code: "PVLA_STUDIO_INPUT" } },
      });
    await expect(
      client.runs.launch.mutate({
        recipe: "openvla-tiny",
        datasetId,
        overrides: { "backbone.name": `$(touch ${join(workspace, "made")}); --set` },
      }),
    ).rejects.toMatchObject({
      data: {
        studio: { code: "PVLA_STUDIO_DOCTOR", message: expect.stringContaining("no backbone is named") as string },
      },
    });
    expect(readdirSync(join(workspace, "runs"))).toEqual([]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(existsSync(join(workspace, "made"))).toBe(false);
  },
);

test("a host that was not told how to start jobs says so", async () => {
  const client = connect(await startHost(makeWorkspace(), { recipesDir }));
  await expect(client.runs.launch.mutate({ recipe: "openvla-tiny", launchOverFail: true })).rejects.toMatchObject({
    data: { studio: { code: "PVLA_STUDIO_LAUNCH" } },
  });
});
