import type { Dataset } from "@pixelvla/data";
import { decodeImage, gripperCloses } from "@pixelvla/data";
import type { SeedPicture } from "../gripper/follow-reel.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";
import { frameOfRaw } from "./close-frame.ts";

/** Seed pictures shown before every reel; more cost more than they help. */
const SHOWN = 4;

/** Reads the pictures in which a person marked the gripper. @throws PVLA_DATA_EPISODE and what else reading throws */
export async function readSeedPictures(
  dataset: Dataset,
  camera: string,
  { seeds }: AnnotationRecipe,
): Promise<SeedPicture[]> {
  const pictures: SeedPicture[] = [];
  for (const { episode: episodeIndex, gripper, frame, close } of seeds) {
    if (gripper === undefined || pictures.length === SHOWN) continue;
    const episode = await dataset.episode(episodeIndex);
    const rawFrame = frame ?? close ?? gripperCloses(episode)[0]?.commandFrame ?? 0;
    const { bytes } = await episode.encodedImage(camera, frameOfRaw(episode.rawFrameIndex, rawFrame));
    const { widthPx, heightPx } = await decodeImage(bytes);
    const [x0, y0, x1, y1] = gripper;
    pictures.push({ episodeIndex, rawFrame, image: { bytes, widthPx, heightPx }, box: { x0, y0, x1, y1 } });
  }
  return pictures;
}
