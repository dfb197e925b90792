import { maskArea } from "@pixelvla/data";
import { afterAll, expect, test } from "vitest";
import { SIDE, scene } from "../../test/scene.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import { Follower } from "./follower.ts";
import { movedPrompt } from "./moved-prompt.ts";
import { PromptModelPool } from "./prompt-models.ts";

const policy: PolicyInfo = {
  name: "pixel",
  source: "",
  chunkSize: 1,
  executeSteps: 1,
  actionDim: 7,
  stateDim: 0,
  image: { width: SIDE, height: SIDE, fit: "squash" },
  takesPrompts: true,
  nParameters: 0,
  nRandom: 0,
  maxBatch: 1,
};
const models = new PromptModelPool(
  {
    segmenter: { name: "grabcut", options: { tabletop: false } },
    tracker: { name: "colour-tracker", options: { tabletop: false } },
  },
  1,
);
afterAll(() => models.close());

const iou = (found: Uint8Array, truth: Uint8Array) => {
  let [both, either] = [0, 0];
  found.forEach((value, i) => {
    if (value !== 0 && truth[i] !== 0) both++;
    if (value !== 0 || truth[i] !== 0) either++;
  });
  return both / either;
};

test.each([
  ["a point", { points: [{ x: 17, y: 27, isObject: true }] }, "point"],
  ["a box", { box: [8, 18, 26, 36] as const }, "box"],
  ["a mask", { mask: scene(10, 20).truth }, "mask"],
] as const)(
  "%s on the first frame becomes a mask that follows the object through the episode",
  async (_, prompt, kind) => {
    const follower = new Follower(models, policy);
    expect(await follower.look(scene(10, 20).image, undefined)).toBeUndefined();
    for (let frame = 0; frame < 8; frame++) {
      const { image, truth } = scene(10 + 3 * frame, 20 + 2 * frame);
      const seen = await follower.look(image, frame === 0 ? prompt : undefined);
      expect(seen?.promptKind).toBe(kind);
      expect(iou(seen!.annotation.mask, truth.data)).toBeGreaterThan(0.7);
    }
    await follower.end();
  },
);

test("a policy without pixel parts refuses a prompt", async () => {
  const follower = new Follower(models, { ...policy, takesPrompts: false });
  await expect(follower.look(scene(10, 20).image, { box: [8, 18, 26, 36] })).rejects.toMatchObject({
    code: "PVLA_SERVE_PROMPT",
  });
});

test("prompts move with an image that is turned and cropped", () => {
  const { image, truth } = scene(10, 20);
  const turned = { rotate180: true, centreCropArea: 1 };
  expect(movedPrompt({ box: [10, 20, 24, 34] }, image, turned)).toEqual({ box: [40, 30, 54, 44] });
  expect(movedPrompt({ points: [{ x: 0, y: 1, isObject: true }] }, image, turned)).toEqual({
    points: [{ x: 63, y: 62, isObject: true }],
  });
  const cropped = movedPrompt({ mask: truth }, image, { rotate180: false, centreCropArea: 0.25 });
  expect(cropped.mask).toMatchObject({ widthPx: 32, heightPx: 32 });
  expect(maskArea(cropped.mask!)).toBe(8 * 14);
});
