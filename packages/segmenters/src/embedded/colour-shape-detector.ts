import type { PixelBox, RgbImage } from "@pixelvla/data";
import type { Detection, DetectOptions, ObjectDetector } from "../contracts.ts";
import { checkPicture } from "../picture.ts";
import { findCandidates, type Candidate } from "./detection/candidates.ts";
import { rated } from "./detection/rating.ts";
import { readPhrase, type PhraseLook } from "./phrase.ts";
import { labelIndex, PartsModel, sharesOf, sharesOfAny, type PartsMap } from "./parts/parts-model.ts";
import { PARTS_OUTPUT_PX } from "./parts/parts-net.ts";
import { OBJECT_LABELS } from "./parts/part-labels.ts";
import { clipBox, maskFromWindow, openWindow, planeInWindow, type Window } from "./regions/window.ts";

/** Longer side of the picture that is searched, pixels. */
const WORKING_PX = 256;
const DEFAULT_THRESHOLD = 0.2;

/** Finds what a phrase names by its colours and, on the tabletop, by its shape. */
export class ColourShapeDetector implements ObjectDetector {
  readonly model = "colour-shape";
  readonly modelVersion = "1";
  readonly openVocabulary = true;
  readonly #parts: PartsModel | undefined;

  constructor(parts: PartsModel | undefined) {
    this.#parts = parts;
  }

  async detect(
    image: RgbImage,
    phrases: readonly string[],
    { region, threshold = DEFAULT_THRESHOLD, signal }: DetectOptions = {},
  ): Promise<readonly Detection[]> {
    checkPicture(image);
    const parts = await this.#parts?.look(image, signal === undefined ? {} : { signal });
    const whole = { x0: 0, y0: 0, x1: image.widthPx, y1: image.heightPx };
    const window = openWindow(image, clipBox(region ?? whole, image.widthPx, image.heightPx), WORKING_PX);
    const found = phrases.flatMap((phrase) =>
      detectPhrase(image, window, parts, readPhrase(phrase)).map((candidate) =>
        detection(candidate, phrase, window, image),
      ),
    );
    return found.filter(({ score }) => score >= threshold).sort((a, b) => b.score - a.score);
  }

  async dispose(): Promise<void> {
    await this.#parts?.dispose();
  }
}

function detectPhrase(image: RgbImage, window: Window, parts: PartsMap | undefined, look: PhraseLook): Candidate[] {
  const plane = (data: Float32Array) =>
    planeInWindow({ width: PARTS_OUTPUT_PX, height: PARTS_OUTPUT_PX, data }, image, window);
  const label = look.isGripper ? "robot" : look.part;
  const part = parts && label && plane(sharesOf(parts, labelIndex(label)));
  const things = parts && plane(sharesOfAny(parts, OBJECT_LABELS.map(labelIndex)));
  const candidates = findCandidates(window, look, { part, things });
  return rated(candidates, window, look);
}

function detection({ pixels, box, score }: Candidate, phrase: string, window: Window, image: RgbImage): Detection {
  const mask = new Uint8Array(window.widthPx * window.heightPx);
  for (const pixel of pixels) mask[pixel] = 1;
  const [sx, sy] = [
    (window.box.x1 - window.box.x0) / window.widthPx,
    (window.box.y1 - window.box.y0) / window.heightPx,
  ];
  const inPicture: PixelBox = {
    x0: window.box.x0 + box.x0 * sx,
    y0: window.box.y0 + box.y0 * sy,
    x1: window.box.x0 + box.x1 * sx,
    y1: window.box.y0 + box.y1 * sy,
  };
  return { box: inPicture, score, label: phrase, mask: maskFromWindow(mask, window, image) };
}
