import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { readPrompt } from "../observation/visual-prompt.ts";
import { PromptDesk } from "./prompt-desk.ts";

const box = (side: number) => readPrompt({ box: [0, 0, side, side] });
const frameOf = (session: string) => ({
  session,
  instruction: "pick",
  image: { widthPx: 1, heightPx: 1, data: new Uint8Array(3) },
});
/** A signal that nobody aborts. */
const stays = new AbortController().signal;
const FOREVER_MS = 60_000;

test("without a waiting time an episode takes what is set, once", async () => {
  const desk = new PromptDesk(0);
  expect(await desk.take(frameOf("a"), false, stays)).toBeUndefined();
  desk.set(box(3));
  desk.set(box(4)); // the later one counts
  expect(desk.next).toEqual(box(4));
  expect(await desk.take(frameOf("b"), false, stays)).toEqual(box(4));
  expect(await desk.take(frameOf("c"), false, stays)).toBeUndefined();
  desk.set(box(5));
  desk.set(undefined);
  expect(await desk.take(frameOf("d"), false, stays)).toBeUndefined();
  expect(desk.firstFrame).toMatchObject({ episode: 3, session: "d" });
});

test("with a waiting time the first frame is held until a prompt comes; each frees one episode, the oldest first", async () => {
  const desk = new PromptDesk(FOREVER_MS);
  const answered: string[] = [];
  const take = async (session: string) => {
    const prompt = await desk.take(frameOf(session), false, stays);
    answered.push(session);
    return prompt;
  };
  const [first, second] = [take("a"), take("b")];
  await sleep(20);
  expect([desk.isAwaited, answered]).toEqual([true, []]);

  desk.set(box(3));
  expect(await first).toEqual(box(3));
  await sleep(20);
  expect([desk.isAwaited, answered, desk.next]).toEqual([true, ["a"], undefined]);
  desk.set(box(4));
  expect(await second).toEqual(box(4));
  expect(desk.isAwaited).toBe(false);
});

test("a prompt that is there already holds nothing up, nor does a frame with its own", async () => {
  const desk = new PromptDesk(FOREVER_MS);
  expect(await desk.take(frameOf("a"), true, stays)).toBeUndefined();
  desk.set(box(3));
  expect(await desk.take(frameOf("a"), false, stays)).toEqual(box(3));
});

test("when the time is over, or the client leaves, the frame goes on unprompted and nothing is awaited", async () => {
  const impatient = new PromptDesk(30);
  const late = impatient.take(frameOf("a"), false, stays);
  expect(impatient.isAwaited).toBe(true);
  expect(await late).toBeUndefined();
  expect(impatient.isAwaited).toBe(false);

  const desk = new PromptDesk(FOREVER_MS);
  const leaving = new AbortController();
  const held = desk.take(frameOf("a"), false, leaving.signal);
  leaving.abort();
  expect(await held).toBeUndefined();
  expect(desk.isAwaited).toBe(false);
  expect(await desk.take(frameOf("b"), false, leaving.signal)).toBeUndefined(); // gone before it began
});

test("a desk that closes refuses what it holds and what would wait, and gives out what was set", async () => {
  const desk = new PromptDesk(FOREVER_MS);
  const held = desk.take(frameOf("a"), false, stays);
  desk.close();
  await expect(held).rejects.toMatchObject({ code: "PVLA_SERVE_DRAINING" });
  expect(desk.isAwaited).toBe(false);
  await expect(desk.take(frameOf("b"), false, stays)).rejects.toMatchObject({ code: "PVLA_SERVE_DRAINING" });
  desk.set(box(3));
  expect(await desk.take(frameOf("c"), false, stays)).toEqual(box(3));
});
