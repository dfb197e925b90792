import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createStudioRouter, type StudioServices } from "./router.ts";
import { frameUrl, runFileUrl, thumbnailUrl, videoUrl } from "./urls.ts";

const procedures = Object.keys(createStudioRouter({} as StudioServices)._def.procedures);

test("every procedure is in the README's table and nothing else is", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const documented = [...readme.matchAll(/^\| `(\w+\.\w+)` +\|/gm)].map((match) => match[1]);
  expect(documented.toSorted()).toEqual(procedures.toSorted());
});

test("names from outside are encoded in URLs, so a camera called ../x stays one path segment", () => {
  const address = {
    datasetId: "d-1",
    revision: "r",
    episodeIndex: 3,
    frameIndex: 7,
    camera: "../observation.images/up",
  };
  expect(frameUrl(address)).toBe("/media/d-1/r/3/7/..%2Fobservation.images%2Fup/image");
  expect(thumbnailUrl(address, 128)).toMatch(/\/thumb-128$/);
  expect(videoUrl(address)).toBe("/media/d-1/r/3/..%2Fobservation.images%2Fup/video");
  expect(runFileUrl("run-1", "results/a b.json")).toBe("/files/run-1/results/a%20b.json");
});
