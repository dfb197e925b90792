import fc from "fast-check";
import { expect, test } from "vitest";
import { Sampler } from "./sampler.ts";

const frameCounts = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
  .filter((f) => f.some((n) => n > 0));

test("every epoch visits every frame exactly once", () => {
  fc.assert(
    fc.property(frameCounts, fc.nat(1000), fc.integer({ min: 1, max: 5 }), (frames, seed, mixEpisodes) => {
      const sampler = new Sampler(frames, { seed, mixEpisodes });
      for (const epoch of [0, 1]) {
        const seen = Array.from({ length: sampler.nSamples }, (_, i) => sampler.at(epoch * sampler.nSamples + i));
        const expected = frames.flatMap((n, episode) => Array.from({ length: n }, (_, frame) => `${episode}/${frame}`));
        expect(seen.map((s) => `${s.episode}/${s.frameIndex}`).sort()).toEqual(expected.sort());
      }
    }),
  );
});

test("first frames are visited as often as asked, the others once; empty episodes never", () => {
  const sampler = new Sampler([3, 0, 2], { seed: 1, mixEpisodes: 2, firstFrameVisits: 4 });
  expect(sampler.nSamples).toBe(11);
  const seen = Array.from({ length: 11 }, (_, i) => sampler.at(i)).map((s) => `${s.episode}/${s.frameIndex}`);
  expect(seen.sort()).toEqual(["0/0", "0/0", "0/0", "0/0", "0/1", "0/2", "2/0", "2/0", "2/0", "2/0", "2/1"]);
});

test("the sample of a visit does not depend on which visits were asked before", () => {
  fc.assert(
    fc.property(frameCounts, fc.nat(200), (frames, visit) => {
      const options = { seed: 3, mixEpisodes: 2 };
      const walked = new Sampler(frames, options);
      for (let i = 0; i <= visit; i++) walked.at(i);
      expect(walked.at(visit)).toEqual(new Sampler(frames, options).at(visit));
    }),
  );
});

test("epochs and seeds differ in order", () => {
  const order = (seed: number, epoch: number) => {
    const sampler = new Sampler([20, 20], { seed, mixEpisodes: 8 });
    return Array.from({ length: 40 }, (_, i) => JSON.stringify(sampler.at(epoch * 40 + i))).join();
  };
  expect(new Set([order(0, 0), order(0, 1), order(1, 0)]).size).toBe(3);
});
