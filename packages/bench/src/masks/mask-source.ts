import { Random } from "@pixelvla/core";

import { COLOURS } from "../scene/catalogue.ts";
import { maskOf, type Frame } from "../render/renderer.ts";
import { episodeName, isReceptacle, type EpisodeSpec } from "../tasks/episode-spec.ts";
import { targetPhrase } from "../tasks/instructions.ts";
import { detectedMask } from "./detected-mask.ts";
import { eroded, largestPart, nearestPart, shifted } from "./mask-operations.ts";

/** Where the mask that a policy sees comes from; an axis of every evaluation. */
export const MASK_SOURCES = [
  "none",
  "exact",
  "automatic",
  "detected",
  "clicked",
  "eroded",
  "shifted",
  "wrong-object",
  "empty",
] as const;
export type MaskSource = (typeof MASK_SOURCES)[number];

/** When it is taken: once before the first action, as a person would give it, or at every query. */
export const MASK_TIMES = ["first", "every"] as const;
export type MaskTime = (typeof MASK_TIMES)[number];

/**
 * Derives a mask from what a camera sees and the instruction, and from a person's click where there is one ("nowhere": the person
 * does not see the target). `image` `[H, W, 3]` -> `[H, W]` in {0, 1}.
 */
export type AutomaticMasker = (
  image: Uint8Array,
  widthPx: number,
  instruction: string,
  click?: { readonly xPx: number; readonly yPx: number } | "nowhere",
) => Uint8Array;

/** Who a goal is about, as an owner in `Frame.owners`. */
export function targetOwner({ goal }: EpisodeSpec): string {
  return "drawer" in goal ? `drawer:${goal.drawer}` : goal.targetId;
}

/**
 * The mask of the target in a frame, `[H, W]` in {0, 1}, from a source; undefined for "none". Of what the simulation knows, "automatic"
 * and "detected" are given nothing but the picture and the words.
 */
export async function maskFrom(
  source: MaskSource,
  frame: Frame,
  spec: EpisodeSpec,
  automatic: AutomaticMasker = colourMasker,
): Promise<Uint8Array | undefined> {
  const exact = () => maskOf(frame, targetOwner(spec));
  // Amounts are those of the 64 px prototype, scaled with the picture.
  const scale = frame.sizePx / 64;
  const random = new Random(`mask ${source} ${episodeName(spec)}`);
  switch (source) {
    case "none":
      return undefined;
    case "exact":
      return exact();
    case "automatic":
      return automatic(frame.image, frame.sizePx, spec.instruction);
    case "detected":
      return detectedMask(frame, targetPhrase(spec.goal, spec.scene.objects));
    case "clicked": {
      const click = clickOn(exact(), frame.sizePx, random);
      return automatic(frame.image, frame.sizePx, spec.instruction, click ?? "nowhere");
    }
    case "eroded":
      return eroded(exact(), frame.sizePx, Math.max(1, Math.round(scale)));
    case "shifted": {
      const angle = 2 * Math.PI * random.uniform();
      return shifted(
        exact(),
        frame.sizePx,
        Math.round(4 * scale * Math.cos(angle)),
        Math.round(4 * scale * Math.sin(angle)),
      );
    }
    case "wrong-object":
      return maskOf(frame, wrongOwner(spec, random));
    case "empty":
      return new Uint8Array(frame.sizePx * frame.sizePx);
  }
}

/** Where a person who means the target would click: any of its pixels; undefined where it is out of view. The only thing taken from the exact mask. */
function clickOn(target: Uint8Array, widthPx: number, random: Random): { xPx: number; yPx: number } | undefined {
  const pixels = [...target.keys()].filter((i) => target[i]);
  if (pixels.length === 0) return undefined;
  const at = pixels[random.integer(pixels.length)]!;
  return { xPx: at % widthPx, yPx: Math.floor(at / widthPx) };
}

/** Some other graspable object, or another drawer; the place where there is nothing else. */
function wrongOwner(spec: EpisodeSpec, random: Random): string {
  const { goal, scene } = spec;
  if ("drawer" in goal) {
    const others = ["top", "middle", "bottom"].filter((name) => name !== goal.drawer);
    return `drawer:${others[random.integer(others.length)]!}`;
  }
  const others = scene.objects.filter(({ id }) => id !== goal.targetId);
  const movable = others.filter((object) => !isReceptacle(object));
  const pool = movable.length > 0 ? movable : others;
  return pool.length > 0 ? pool[random.integer(pool.length)]!.id : "nothing";
}

/**
 * The automatic source that needs no model: pixels of the first colour named in the instruction (by chromaticity), the
 * largest connected part or the one nearest to the click. Finds nothing where no colour is named (drawers), and takes a like-coloured neighbour for the target.
 */
export const colourMasker: AutomaticMasker = (image, widthPx, instruction, click) => {
  const named = COLOURS.map((colour) => ({ colour, at: instruction.indexOf(colour.name) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  const mask = new Uint8Array(image.length / 3);
  if (!named || click === "nowhere") return mask;
  const wanted = chromaticity(...named.colour.rgb);
  for (let i = 0; i < mask.length; i++) {
    const [r, g, b] = [image[3 * i]!, image[3 * i + 1]!, image[3 * i + 2]!];
    const found = chromaticity(r, g, b);
    if (r + g + b > 60 && Math.hypot(found[0] - wanted[0], found[1] - wanted[1]) < 0.09) mask[i] = 1;
  }
  return click ? nearestPart(mask, widthPx, click.xPx, click.yPx) : largestPart(mask, widthPx);
};

/** Shares of red and green: what stays when the light changes. */
function chromaticity(r: number, g: number, b: number): [number, number] {
  const sum = r + g + b || 1;
  return [r / sum, g / sum];
}
