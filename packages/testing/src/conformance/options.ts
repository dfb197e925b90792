import type { PolicyPlugin } from "@pixelvla/core";
import { expect, test } from "vitest";
import { z } from "zod";

/** What every plugin of a policy keeps, whatever its kind: a name, a sentence, and options that explain themselves. */
export function describesItself(plugin: PolicyPlugin, options: object): void {
  test("has a kebab-case name and a summary of one sentence", () => {
    expect(plugin.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(plugin.summary).toMatch(/^\S.*\.$/);
  });

  test("describes every option, and refuses one it does not know", () => {
    const { properties = {} } = z.toJSONSchema(plugin.options, { io: "input" });
    for (const [name, property] of Object.entries(properties))
      expect((property as { description?: string }).description, name).toMatch(/\S/);
    expect(plugin.options.safeParse(options).success).toBe(true);
    expect(plugin.options.safeParse({ ...options, noSuchOption: 1 }).success).toBe(false);
  });
}
