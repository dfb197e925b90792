import { expect, test } from "vitest";
import { bridgeFolder, smallestRecipe } from "../../test/smallest-recipe.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { sampleShape } from "./for-recipe.ts";
import { SampleStore } from "./sample-store.ts";

const dataset = bridgeFolder();

test.skipIf(dataset === undefined)(
  "a store takes over the decoded pictures of an earlier one, where they are the same",
  async () => {
    const recipe = checkRecipe(smallestRecipe({}));
    const shape = sampleShape(recipe);
    const options = { dataset: dataset!, shape, data: recipe.training.data };
    const first = await SampleStore.open(options);
    const picture = await first.image(0, 2);
    await first.close();

    const second = await SampleStore.open({ ...options, shape: { ...shape, recipe: "another" } }, first);
    expect(await second.image(0, 2)).toBe(picture);
    expect(await second.image(0, 3)).not.toEqual(picture);
    await second.close();

    const smaller = await SampleStore.open(
      { ...options, shape: { ...shape, image: { ...shape.image, width: 16, height: 16 } } },
      second,
    );
    expect((await smaller.image(0, 2)).length).toBe(16 * 16 * 3);
    await smaller.close();
  },
);
