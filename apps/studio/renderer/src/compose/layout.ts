import type { Composition, PolicyPart } from "../host/types.ts";

/** Titles of parts and of what goes in and comes out. */
export const titles: Readonly<Record<string, string>> = {
  image: "Image",
  objectMask: "Object mask",
  prompts: "Visual prompts",
  tokens: "Text",
  state: "State",
  visionEncoder: "Vision encoder",
  projector: "Projector",
  pixelEncoder: "Pixel encoder",
  promptEncoder: "Prompt encoder",
  backbone: "Backbone",
  decoder: "Action decoder",
  action: "Action chunk",
};

export const partNames: readonly PolicyPart[] = [
  "visionEncoder",
  "projector",
  "pixelEncoder",
  "promptEncoder",
  "backbone",
  "decoder",
];

/** Where a card lies on the graph, left to right in the order of the data; in the graph's own units. */
export const places: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  image: { x: 0, y: 26 },
  objectMask: { x: 0, y: 160 },
  prompts: { x: 0, y: 286 },
  tokens: { x: 0, y: 396 },
  state: { x: 0, y: 456 },
  visionEncoder: { x: 190, y: 0 },
  projector: { x: 490, y: 0 },
  pixelEncoder: { x: 490, y: 134 },
  promptEncoder: { x: 490, y: 260 },
  backbone: { x: 800, y: 134 },
  decoder: { x: 1090, y: 134 },
  action: { x: 1390, y: 160 },
};

/** Inputs and outputs that the composed policy has. */
export function endsOf({ wires }: Pick<Composition, "wires">): string[] {
  const named = new Set(wires.flatMap(({ from, to }) => [from, to]));
  return [...named].filter((name) => !partNames.includes(name as PolicyPart) && name in places);
}
