import { expect, test } from "vitest";
import { createRegistry, defineProjector, linear, parseRecipe } from "../index.ts";
import { z } from "zod";

const minimal = {
  name: "t",
  image: { height: 28, width: 28 },
  visionEncoder: { name: "v" },
  projector: { name: "p" },
  backbone: { name: "b" },
  decoder: { name: "d" },
};

test("defaults are filled in once, by the schema", () => {
  const recipe = parseRecipe(minimal);
  expect(recipe).toMatchObject({ chunkSize: 8, actionDim: 7, pixelEncoder: null, image: { fit: "squash" } });
});

test("a wrong value names its key and the file", () => {
  expect(() => parseRecipe({ ...minimal, chunkSize: 0 }, "bridge-tiny.yaml")).toThrowErrorMatchingInlineSnapshot(
    `[PixelVlaError: Reading recipe: chunkSize is wrong: Too small: expected number to be >0 (bridge-tiny.yaml).]`,
  );
});

test("an unknown key is refused by name", () => {
  expect(() => parseRecipe({ ...minimal, chunk_size: 4 })).toThrow(/unknown key "chunk_size"/);
});

test("an unknown plugin is answered with the nearest name and the list", () => {
  const plugin = (name: string) =>
    defineProjector({
      name,
      summary: "",
      options: z.strictObject({}),
      build: (g, t, _o, d) => linear(g, t, d, "fc"),
    });
  const registry = createRegistry([plugin("gelu-mlp"), plugin("linear")]);
  expect(() => registry.get("projector", "gelu-mpl", `Reading recipe "t"`)).toThrowErrorMatchingInlineSnapshot(
    `[PixelVlaError: Reading recipe "t": no projector is named "gelu-mpl". Did you mean "gelu-mlp"? Available: gelu-mlp, linear.]`,
  );
  expect(() => createRegistry([plugin("a"), plugin("a")])).toThrow(
    expect.objectContaining({ code: "PVLA_DUPLICATE_PLUGIN" }),
  );
});
