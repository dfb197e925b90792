import type { ProjectorPlugin } from "@pixelvla/core";
import { projectorConformance } from "@pixelvla/testing/conformance";
import { expect, test, vi } from "vitest";

const lines: string[] = [];
const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
const { gatedProjector } = (await import(new URL("../../../examples/01-own-projector.ts", import.meta.url).href)) as {
  gatedProjector: ProjectorPlugin;
};
log.mockRestore();

test("the example of a part of one's own composes with the built-in parts", () => {
  expect(lines.join("\n")).toContain("openvla-gated: chunk [1, 8, 7]");
});

// A part from outside the packages is held to the suite of its kind.
projectorConformance(gatedProjector);
