import { decodeCocoRle, maskBox, openAnnotations, type AnnotationReader } from "@pixelvla/data";
import { contentBox } from "../samples/fit-image.ts";
import { sampleShape } from "../samples/for-recipe.ts";
import { fitMask, pointMapper } from "../samples/visual-prompts.ts";
import { finding, type Examination } from "./examination.ts";
import type { DoctorFinding } from "./report.ts";

/** Stretch of one axis against the other above which objects look of another shape than in pretraining. */
const STRETCH = 1.4;
/** A fitted mask's box may differ from its mapped corners by rounding, px. */
const TOLERANCE_PX = 1.5;

/** What fitting does to the picture, and whether the start saw pictures fitted the same way. */
export async function checkImageGeometry(examination: Examination): Promise<DoctorFinding> {
  const { recipe, dataset, episodes, init } = examination;
  const { image } = recipe.recipe;
  const camera = recipe.training.data.camera ?? dataset.info.primaryCamera;
  const first = episodes[0];
  if (camera === undefined || first === undefined) return finding("geometry", "warn", "No picture was looked at.");
  let picture: { readonly widthPx: number; readonly heightPx: number };
  try {
    picture = await first.image(camera, 0);
  } catch (error) {
    return finding("geometry", "fail", `A picture cannot be read: ${(error as Error).message}`);
  }
  const { widthPx, heightPx } = picture;
  const box = contentBox(widthPx, heightPx, image);
  const stretch = box.width / widthPx / (box.height / heightPx);
  const story = `${widthPx} x ${heightPx} pictures become ${image.width} x ${image.height} (${image.fit})`;
  const before = init?.document.image;
  if (
    before !== undefined &&
    (before.fit !== image.fit || before.width !== image.width || before.height !== image.height)
  )
    return finding(
      "geometry",
      "warn",
      `${story}; the start saw ${before.width} x ${before.height} (${before.fit}).`,
      "Set image to what the start was trained with",
    );
  if (stretch > STRETCH || stretch < 1 / STRETCH)
    return finding(
      "geometry",
      "warn",
      `${story} and are stretched by ${Math.max(stretch, 1 / stretch).toFixed(2)}.`,
      "Set image.fit to letterbox unless the weights were trained on squashed pictures",
    );
  return finding("geometry", "pass", `${story}.`);
}

/** Are there masks where the recipe needs them, of the pictures' size, and do masks and prompts land on the same pixels? */
export async function checkMasks(examination: Examination): Promise<DoctorFinding | undefined> {
  const { recipe, datasetPath } = examination;
  const { usesAnnotations, usesTargets } = sampleShape(recipe);
  if (!usesAnnotations && !usesTargets) return undefined;
  const folder = recipe.training.data.annotations ?? datasetPath;
  let reader: AnnotationReader;
  try {
    reader = await openAnnotations(folder);
  } catch (error) {
    return finding("masks", "fail", `The recipe needs masks: ${(error as Error).message}`);
  }
  try {
    return await examineMasks(examination, reader);
  } finally {
    await reader.close();
  }
}

async function examineMasks(
  { recipe: { recipe, training }, dataset, episodes }: Examination,
  reader: AnnotationReader,
): Promise<DoctorFinding> {
  const camera = dataset.info.cameras.find(({ key }) => key === (training.data.camera ?? dataset.info.primaryCamera));
  const models = new Set<string>();
  let nWith = 0;
  for (const episode of episodes) {
    const annotation = (await reader.episode(episode.episodeIndex))?.annotations[0];
    if (annotation?.mask === undefined) continue;
    nWith++;
    models.add(annotation.model);
    const mask = decodeCocoRle(annotation.mask);
    if (
      camera !== undefined &&
      camera.widthPx > 0 &&
      (mask.widthPx !== camera.widthPx || mask.heightPx !== camera.heightPx)
    )
      return finding(
        "masks",
        "fail",
        `The mask of episode ${episode.episodeIndex} is ${mask.widthPx} x ${mask.heightPx}, its picture ${camera.widthPx} x ${camera.heightPx}.`,
        "Annotate the pictures that are trained on, or choose their camera with training.data.camera",
      );
    const off = misplacedPx(mask, recipe.image);
    if (off > TOLERANCE_PX)
      return finding(
        "masks",
        "fail",
        `Mask and prompts of episode ${episode.episodeIndex} land ${off.toFixed(1)} px apart.`,
      );
  }
  const share = nWith / Math.max(1, episodes.length);
  const story = `${nWith} of ${episodes.length} episodes looked at have a mask on their first frame, by ${[...models].join(", ") || "nobody"}`;
  if (nWith === 0) return finding("masks", "fail", `${story}.`, "Annotate the dataset: pixelvla annotate");
  if (share < 0.5) return finding("masks", "warn", `${story}; the others are left out.`);
  return finding("masks", "pass", `${story}; masks and prompts follow the picture's geometry.`);
}

/** How far the corners of a mask's box, mapped as prompts are, lie from the box of the fitted mask; px of the fitted picture. */
function misplacedPx(mask: Parameters<typeof fitMask>[0], fit: Parameters<typeof fitMask>[1]): number {
  const before = maskBox(mask);
  const after = maskBox({ widthPx: fit.width, heightPx: fit.height, data: fitMask(mask, fit) });
  if (before === undefined || after === undefined) return 0; // too small to be seen at the policy's size
  const map = pointMapper(mask.widthPx, mask.heightPx, fit);
  const [low, high] = [map(before.x0 - 0.5, before.y0 - 0.5, 0), map(before.x1 - 0.5, before.y1 - 0.5, 0)];
  return Math.max(
    Math.abs(low.x * fit.width - after.x0),
    Math.abs(low.y * fit.height - after.y0),
    Math.abs(high.x * fit.width - after.x1),
    Math.abs(high.y * fit.height - after.y1),
  );
}
