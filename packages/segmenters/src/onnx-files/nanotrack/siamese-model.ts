import type { RgbImage } from "@pixelvla/data";
import type { OnnxFile } from "@pixelvla/engines";
import { meanColour, squareCrop, type Place } from "./crop.ts";
import type { SiameseShape } from "./shape.ts";

/** Numbers of NanoTrack v3 (SiamTrackers, models/config/nanotrackv3.yaml). */
const PENALTY = 0.138;
const WINDOW = 0.455;
const LEARNING_RATE = 0.348;
/** Side of the template within a crop, as its training had it: 127 of 255. */
const TEMPLATE_SHARE = 127 / 255;

/** What an object looks like to the tracker: the middle of its map, `[1, C, T, T]`. */
export type Template = Float32Array;

/** Where an object was found. */
export interface Found {
  readonly place: Place;
  /** In [0, 1]. */
  readonly score: number;
}

/**
 * A Siamese tracker: a backbone that maps crops, and a head that compares a template's map with a search crop's. Boxes only.
 *
 * Source: NanoTrack of HonglinChu/SiamTrackers (Apache-2.0), after SiamBAN. The backbone takes one crop size only, so the template
 * is the middle of a crop twice as wide.
 */
export class SiameseModel {
  readonly #backbone: OnnxFile;
  readonly #head: OnnxFile;
  readonly #shape: SiameseShape;
  /** Prefers the middle of the search crop, `[R * R]`. */
  readonly #window: Float32Array;

  constructor(backbone: OnnxFile, head: OnnxFile, shape: SiameseShape) {
    [this.#backbone, this.#head, this.#shape] = [backbone, head, shape];
    const n = shape.answerSide;
    const hann = Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (n - 1)));
    this.#window = Float32Array.from({ length: n * n }, (_, i) => hann[Math.floor(i / n)]! * hann[i % n]!);
  }

  async template(image: RgbImage, place: Place, signal?: AbortSignal): Promise<Template> {
    const { channels, mapSide, templateSide } = this.#shape;
    const map = await this.#map(image, place, contextSide(place) / TEMPLATE_SHARE, signal);
    const from = Math.floor((mapSide - templateSide) / 2);
    return Float32Array.from({ length: channels * templateSide ** 2 }, (_, i) => {
      const [c, row, column] = [
        Math.floor(i / templateSide ** 2),
        Math.floor(i / templateSide) % templateSide,
        i % templateSide,
      ];
      return map[(c * mapSide + row + from) * mapSide + column + from]!;
    });
  }

  /** Looks for the template around `last`, which also says how large it is expected to be. */
  async search(image: RgbImage, template: Template, last: Place, signal?: AbortSignal): Promise<Found> {
    const { head, channels, mapSide, templateSide, answerSide: n, cropPx } = this.#shape;
    const sidePx = contextSide(last) / TEMPLATE_SHARE;
    const map = await this.#map(image, last, sidePx, signal);
    const outputs = await this.#head.run(
      {
        [head.template]: { type: "float32", data: template, dims: [1, channels, templateSide, templateSide] },
        [head.search]: { type: "float32", data: map, dims: [1, channels, mapSide, mapSide] },
      },
      signal === undefined ? {} : { signal },
    );
    const logits = outputs[head.scores]!.data as Float32Array;
    const offsets = outputs[head.offsets]!.data as Float32Array;
    const scale = cropPx / sidePx;
    const stride = Math.round(cropPx / mapSide);
    const expected = paddedSize(last.width * scale, last.height * scale);
    let best: { rank: number; score: number; rate: number; box: Place } | undefined;
    for (let i = 0; i < n * n; i++) {
      const score = 1 / (1 + Math.exp(logits[i]! - logits[n * n + i]!));
      const x = ((i % n) - Math.floor(n / 2)) * stride;
      const y = (Math.floor(i / n) - Math.floor(n / 2)) * stride;
      const [left, top, right, bottom] = [0, 1, 2, 3].map((k) => offsets[k * n * n + i]!) as [
        number,
        number,
        number,
        number,
      ];
      const box = {
        cx: x + (right - left) / 2,
        cy: y + (bottom - top) / 2,
        width: Math.max(1, left + right),
        height: Math.max(1, top + bottom),
      };
      const change = ratio(paddedSize(box.width, box.height) / expected);
      const turned = ratio(last.width / last.height / (box.width / box.height));
      const penalty = Math.exp(-(change * turned - 1) * PENALTY);
      const rank = penalty * score * (1 - WINDOW) + this.#window[i]! * WINDOW;
      if (best === undefined || rank > best.rank) best = { rank, score, rate: penalty * score * LEARNING_RATE, box };
    }
    const { box, score, rate } = best!;
    const blend = (before: number, now: number) => before * (1 - rate) + (now / scale) * rate;
    return {
      place: {
        cx: Math.min(image.widthPx, Math.max(0, last.cx + box.cx / scale)),
        cy: Math.min(image.heightPx, Math.max(0, last.cy + box.cy / scale)),
        width: Math.min(image.widthPx, Math.max(10, blend(last.width, box.width))),
        height: Math.min(image.heightPx, Math.max(10, blend(last.height, box.height))),
      },
      score,
    };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#backbone.dispose(), this.#head.dispose()]);
  }

  async #map(image: RgbImage, place: Place, sidePx: number, signal?: AbortSignal): Promise<Float32Array> {
    const { backbone, cropPx } = this.#shape;
    const data = squareCrop(image, place, sidePx, cropPx, meanColour(image));
    const outputs = await this.#backbone.run(
      { [backbone.input]: { type: "float32", data, dims: [1, 3, cropPx, cropPx] } },
      signal === undefined ? {} : { signal },
    );
    return outputs[backbone.output]!.data as Float32Array;
  }
}

/** Side of the square that holds a box and half its mean side around it. */
const contextSide = ({ width, height }: Place): number => paddedSize(width, height);

function paddedSize(width: number, height: number): number {
  const pad = (width + height) / 2;
  return Math.sqrt((width + pad) * (height + pad));
}

const ratio = (value: number) => Math.max(value, 1 / value);
