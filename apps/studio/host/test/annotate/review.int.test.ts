import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { randomUUID } from "node:crypto";
import { decodeCocoRle, maskBox, maskIou, openAnnotations, type BinaryMask } from "@pixelvla/data";
import type { ItemFrame, PropagateEvent, PropagatedFrame, StudioRouter } from "@pixelvla/studio-contract";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { connect, startHost } from "../studio.ts";
import { EPISODES, paintedWorkspace, SIDE } from "./painted.ts";

async function open() {
  const { workspace, sidecar } = await paintedWorkspace();
  const client = connect(await startHost(workspace));
  const stores = await client.annotate.stores.query();
  const [storeId, gold] = (["job", "dataset"] as const).map((of) => stores.find(({ kind }) => kind === of)!.storeId);
  return { workspace, client, stores, storeId: storeId!, gold: gold!, sidecar };
}

const maskOf = (
  item: { readonly frames: readonly Pick<ItemFrame, "frameIndex" | "mask">[] },
  frameIndex: number,
): BinaryMask => decodeCocoRle(item.frames.find((frame) => frame.frameIndex === frameIndex)!.mask!);

test("the queue is sorted by doubt with its reason, and an item holds every frame with its mask", async () => {
  const { client, stores, storeId } = await open();
  expect(stores.map(({ kind, datasetName }) => [kind, datasetName])).toEqual([
    ["job", "blocks"],
    ["dataset", "blocks"],
  ]);
  const { rows, nMatched, nTotal } = await client.annotate.queue.query({ storeId });
  expect([nMatched, nTotal, rows.length]).toEqual([EPISODES, EPISODES, EPISODES]);
  const doubts = rows.map(({ doubt }) => doubt);
  expect(doubts).toEqual(doubts.toSorted((a, b) => b - a));
  for (const { doubtReason, phrase, decision } of rows) {
    expect(doubtReason).toMatch(/pixels off/);
    expect(phrase).toBe("red block");
    expect(decision).toBe("pending");
  }
  const two = await client.annotate.queue.query({ storeId, page: 1, pageSize: 2 });
  expect(two.rows).toEqual(rows.slice(2, 4));
  const item = await client.annotate.item.query({ storeId, episodeIndex: rows[0]!.episodeIndex });
  expect([item.widthPx, item.heightPx]).toEqual([SIDE, SIDE]);
  expect(item.frames.length).toBe(item.nFrames);
  expect(item.frames.some(({ frameIndex, origin }) => frameIndex === item.keyFrameIndex && origin === "detected")).toBe(
    true,
  );
  expect(maskBox(maskOf(item, item.keyFrameIndex))).toBeDefined();
});

test("decisions are on the disk with author and time, are recorded once, and are taken back", async () => {
  const { client, storeId, sidecar } = await open();
  const { rows } = await client.annotate.queue.query({ storeId });
  const [first, second] = rows.map(({ episodeIndex }) => episodeIndex) as [number, number];
  const request = { storeId, episodeIndex: first, decision: "rejected" as const, author: "ada", note: "wrong block" };
  const { row, history } = await client.annotate.decide.mutate(request);
  expect(row).toMatchObject({ episodeIndex: first, decision: "rejected", author: "ada" });
  expect(history).toHaveLength(1);
  expect((await client.annotate.decide.mutate(request)).history).toEqual(history);
  await client.annotate.decide.mutate({ storeId, episodeIndex: second, decision: "hard", author: "ada" });
  const undo = { storeId, episodeIndex: first, author: "ada", reviewId: row.reviewId! };
  expect((await client.annotate.undo.mutate(undo)).row.decision).toBe("pending");
  expect((await client.annotate.undo.mutate(undo)).history).toHaveLength(2); // sent twice, taken back once
  const reader = await openAnnotations(sidecar);
  expect(reader.index.reviews.history(first).map(({ decision, author, note }) => [decision, author, note])).toEqual([
    ["rejected", "ada", "wrong block"],
    [null, "ada", ""],
  ]);
  expect(reader.index.reviews.current(second)?.decision).toBe("hard");
  await reader.close();
  const pending = await client.annotate.queue.query({ storeId, decisions: ["pending"] });
  expect([pending.nMatched, pending.nTotal]).toEqual([4, 5]);
});

test("a host that is killed in the middle of a review loses no decision it has acknowledged", async () => {
  const { workspace, sidecar } = await paintedWorkspace();
  const script = fileURLToPath(new URL("./host-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@pixelvla/source", "--import", "tsx", script, workspace]);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the host ended with ${code}`)));
  });
  const socket = createWSClient({ url, WebSocket: WebSocket as never });
  const client = createTRPCClient<StudioRouter>({ links: [wsLink({ client: socket })] });
  const storeId = (await client.annotate.stores.query()).find(({ kind }) => kind === "job")!.storeId;
  const { rows } = await client.annotate.queue.query({ storeId });
  const acknowledged: { episodeIndex: number; note: string }[] = [];
  const all = Array.from({ length: 60 }, (_, i) => ({
    episodeIndex: rows[i % rows.length]!.episodeIndex,
    note: `${i}`,
  }));
  const sent = all.map(
    (one) =>
      client.annotate.decide
        .mutate({ storeId, decision: "accepted", author: "ada", ...one })
        .then(() => acknowledged.push(one))
        .then((n) => n === 25 && child.kill("SIGKILL"))
        .catch(() => undefined), // not acknowledged: the host was gone
  );
  await new Promise((resolve) => child.once("exit", resolve));
  await socket.close();
  const patience = new Promise((resolve) => setTimeout(resolve, 500)); // what was not sent may wait for ever
  await Promise.all(sent.map((each) => Promise.race([each, patience])));
  expect(acknowledged.length).toBeGreaterThanOrEqual(25);
  expect(acknowledged.length).toBeLessThan(60);
  const reader = await openAnnotations(sidecar);
  const onDisk = [...reader.index.reviews.episodes()].flatMap((episodeIndex) =>
    reader.index.reviews.history(episodeIndex).map(({ note }) => ({ episodeIndex, note })),
  );
  await reader.close();
  for (const one of acknowledged) expect(onDisk).toContainEqual(one);
});

test("clicks are answered live, a mask is carried on from here, and the fix is on the disk", async () => {
  const { client, storeId, gold, sidecar } = await open();
  const { rows } = await client.annotate.queue.query({ storeId });
  const { episodeIndex } = rows[0]!;
  const [item, exact] = await Promise.all([
    client.annotate.item.query({ storeId, episodeIndex }),
    client.annotate.item.query({ storeId: gold, episodeIndex }),
  ]);
  const frameIndex = 1;
  const truth = maskOf(exact, frameIndex);
  const { x0, y0, x1, y1 } = maskBox(truth)!;
  const at = { x: Math.floor((x0 + x1) / 2), y: Math.floor((y0 + y1) / 2) };
  const where = { storeId, episodeIndex, frameIndex };
  const click = await client.annotate.segment.query({ ...where, points: [{ ...at, isObject: true }] });
  expect(maskIou(decodeCocoRle(click.mask), truth)).toBeGreaterThan(0.6);
  const again = await client.annotate.segment.query({ ...where, box: { x0, y0, x1, y1 } });
  expect(again.encodeMs).toBeLessThan(click.encodeMs / 4); // the picture is encoded once
  await expect(
    client.annotate.segment.query({ ...where, points: [{ x: 1e4, y: 0, isObject: true }] }),
  ).rejects.toMatchObject({
    data: { studio: { code: "PVLA_SEGMENT_PROMPT" } },
  });

  const carried = new Map<number, PropagatedFrame>();
  let model = "";
  await new Promise<void>((resolve, reject) => {
    client.annotate.propagate.subscribe(
      { ...where, mask: click.mask, direction: "forward" },
      {
        onData: (event: PropagateEvent) => {
          if (event.kind === "frame") carried.set(event.frame.frameIndex, event.frame);
          else model = event.model;
        },
        onComplete: resolve,
        onError: reject,
      },
    );
  });
  expect(model).toContain("colour-tracker");
  expect([...carried.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: item.nFrames - 2 }, (_, i) => i + 2));

  const fixId = randomUUID();
  const tracked = [...carried.values()].map(({ mask, ...frame }) => ({ ...frame, mask: mask ?? null }));
  const frames = [{ frameIndex, mask: click.mask, origin: "manual" as const, score: 1 }, ...tracked];
  const fix = { storeId, episodeIndex, fixId, author: "ada", frames, models: model };
  const { row } = await client.annotate.fix.mutate(fix);
  expect(row).toMatchObject({ decision: "corrected", author: "ada", doubtReason: "fixed by ada" });
  expect((await client.annotate.fix.mutate(fix)).history).toHaveLength(1);

  const reader = await openAnnotations(sidecar);
  const stored = (await reader.episode(episodeIndex))!;
  expect(reader.index.reviews.current(episodeIndex)).toMatchObject({ decision: "corrected", author: "ada" });
  await reader.close();
  expect(stored.annotations[frameIndex]).toMatchObject({ origin: "manual", mask: click.mask, modelVersion: "ada" });
  expect(
    stored.annotations[frameIndex]!.points.every(({ x, y }) => decodeCocoRle(click.mask).data[y * SIDE + x] === 1),
  ).toBe(true);
  expect(stored.annotations[0]!.mask).toEqual(item.frames[0]!.mask); // what lies before "here" is as it was
  expect(stored.annotations.map((each) => each?.origin).slice(2)).toEqual(tracked.map(({ origin }) => origin));

  // In the pixel dataset itself the same fix becomes an edit beside its columns.
  await client.annotate.fix.mutate({ ...fix, storeId: gold, fixId: randomUUID(), frames: frames.slice(0, 1) });
  const edited = await client.annotate.item.query({ storeId: gold, episodeIndex });
  expect(edited.row.decision).toBe("corrected");
  expect(edited.frames[frameIndex]!.mask).toEqual(click.mask);
  expect(edited.frames[2]!.mask).toEqual(exact.frames[2]!.mask);
});
