import { expect, test, vi } from "vitest";

test("the example of a part of one's own composes with the built-in parts", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  await import(new URL("../../../examples/01-own-projector.ts", import.meta.url).href);
  log.mockRestore();
  expect(lines.join("\n")).toContain("openvla-gated: chunk [1, 8, 7]");
});
