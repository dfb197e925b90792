import type { PixelBox } from "@pixelvla/data";
import type { AnnotationRecipe } from "../recipe/recipe.ts";

type RegionOptions = Pick<AnnotationRecipe["region"], "scale" | "minSide" | "shiftDown">;

/**
 * Region proposal around a gripper box: a square of `scale` gripper sizes, its centre shifted down towards the jaws' tips,
 * cut to the image. Boxes in pixels.
 *
 * Paper silent: size and place of the proposal relative to the gripper.
 */
export function regionProposal(
  gripper: PixelBox,
  image: { readonly widthPx: number; readonly heightPx: number },
  { scale, minSide, shiftDown }: RegionOptions,
): PixelBox {
  const [width, height] = [gripper.x1 - gripper.x0, gripper.y1 - gripper.y0];
  const side = Math.max(scale * Math.max(width, height), minSide * Math.min(image.widthPx, image.heightPx));
  const cx = (gripper.x0 + gripper.x1) / 2;
  const cy = (gripper.y0 + gripper.y1) / 2 + shiftDown * height;
  const clamp = (value: number, limit: number) => Math.min(Math.max(Math.round(value), 0), limit);
  const x0 = clamp(cx - side / 2, image.widthPx - 1);
  const y0 = clamp(cy - side / 2, image.heightPx - 1);
  return {
    x0,
    y0,
    x1: Math.max(x0 + 1, clamp(cx + side / 2, image.widthPx)),
    y1: Math.max(y0 + 1, clamp(cy + side / 2, image.heightPx)),
  };
}
