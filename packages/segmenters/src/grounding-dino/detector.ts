import type { HostArray, Program } from "@pixelvla/core";
import type { PixelBox, RgbImage } from "@pixelvla/data";
import type { Outputs } from "@pixelvla/engines";
import type { Detection, DetectOptions, ObjectDetector, OpenContext } from "../contracts.ts";
import { shortestSideFrame } from "../image/frame.ts";
import { pixelValues } from "../image/pixel-values.ts";
import { resizeRgb, type ResizeFlavour } from "../image/resize-rgb.ts";
import { bindModel } from "../model-folder.ts";
import { checkPicture } from "../picture.ts";
import { bucketCanvas, exactCanvas, isPadded } from "./canvas.ts";
import { pictureTooSmall } from "./errors.ts";
import { ExecutableCache } from "./executable-cache.ts";
import { geometry, pyramid, type Canvas, type Geometry } from "./geometry.ts";
import type { GroundingDinoModel } from "./model.ts";
import { groundingDinoNames } from "./names.ts";
import { keepQueries, phraseOfQuery, suppressOverlaps, tokensOf, type KeptQuery } from "./postprocess.ts";
import { detectProgram, imageProgram, textProgram } from "./programs.ts";
import { cropRegion } from "./region.ts";
import { tokenCount } from "./sampling-grid.ts";
import { sineTable, TEXT_TEMPERATURE } from "./sine-embedding.ts";
import { joinPhrases, textTensors, type PhraseText } from "./text.ts";

/** How a detector looks and answers; see the plugin's options. */
export interface DetectorSettings {
  readonly threshold: number;
  readonly textThreshold: number;
  readonly labels: "phrases" | "tokens";
  readonly phrasesPerText: number | undefined;
  readonly overlapIou: number | undefined;
  readonly shortestEdge: number;
  readonly longestEdge: number;
  readonly sizes: "exact" | "bucketed";
  readonly resize: ResizeFlavour;
  readonly keepCompiled: number;
}

/** A picture's features, before any text, and where it lies in its canvas. */
interface SeenPicture {
  readonly canvas: Canvas;
  readonly features: Float32Array;
}

/** Texts are padded to one of these lengths, or to the model's own limit. */
const TEXT_LENGTHS = [16, 32, 64, 128];

/** Grounding DINO on one engine: each picture is encoded once, then met by as many texts as its phrases need. */
export class GroundingDinoDetector implements ObjectDetector {
  readonly openVocabulary = true;
  readonly model: string;
  readonly modelVersion: string;
  readonly #model: GroundingDinoModel;
  readonly #settings: DetectorSettings;
  readonly #context: OpenContext;
  readonly #compiled: ExecutableCache;
  readonly #geometries = new Map<string, Geometry>();

  /** @throws PVLA_MODEL_WEIGHTS when the checkpoint lacks a tensor or holds one of another shape */
  constructor(model: GroundingDinoModel, settings: DetectorSettings, context: OpenContext) {
    this.#model = model;
    this.#settings = settings;
    this.#context = context;
    this.model = model.folder.model;
    this.modelVersion = model.folder.modelVersion;
    // Three programs for every canvas that is kept: picture, text, detection.
    this.#compiled = new ExecutableCache(3 * settings.keepCompiled);
    // Bind once now, at any size: a wrong checkpoint is refused when it is opened, not at the first picture.
    const side = { height: settings.shortestEdge, width: settings.shortestEdge };
    this.#checkSize(side);
    const { config } = model;
    for (const program of [
      imageProgram(side, config),
      textProgram(16, config),
      detectProgram(side, 16, config, { padded: false }),
    ])
      bindModel(program.graph, model.folder, groundingDinoNames);
  }

  async detect(
    image: RgbImage,
    phrases: readonly string[],
    options: DetectOptions = {},
  ): Promise<readonly Detection[]> {
    const { tokenizer, config } = this.#model;
    const settings = this.#settings;
    checkPicture(image);
    const texts = joinPhrases(phrases, tokenizer, {
      maxTokens: config.max_text_len,
      ...(settings.phrasesPerText === undefined ? {} : { perText: settings.phrasesPerText }),
    });
    const crop = cropRegion(image, options.region);
    const seen = await this.#see(crop.image, options);
    const found: Detection[] = [];
    for (const text of texts) {
      for (const query of await this.#ask(seen, text, crop.image, options)) {
        const box = placeBox(query.box, crop);
        if (box === undefined) continue;
        found.push({ box, score: query.score, label: this.#label(query, text, phrases) });
      }
    }
    if (settings.overlapIou !== undefined) return suppressOverlaps(found, settings.overlapIou);
    return found.sort((a, b) => b.score - a.score);
  }

  async dispose(): Promise<void> {
    await this.#compiled.dispose();
  }

  /** Resizes, normalises and encodes a picture. Regions come in all shapes and share sizes; whole pictures if told to. */
  async #see(image: RgbImage, { region, signal }: DetectOptions): Promise<SeenPicture> {
    const { shortestEdge: shortest, longestEdge: longest, sizes, resize } = this.#settings;
    const { config, normalisation } = this.#model;
    const frame = shortestSideFrame(image, shortest, longest);
    const bucketed = sizes === "bucketed" || region !== undefined;
    const canvas = bucketed ? bucketCanvas(frame, { shortest, longest }) : exactCanvas(frame);
    this.#checkSize(canvas);
    const resized = resizeRgb(image, frame.contentWidth, frame.contentHeight, { flavour: resize });
    const patch = config.backbone_config.patch_size;
    const whole = (length: number) => Math.ceil(length / patch) * patch;
    const pixels = pixelValues(resized, normalisation, whole(canvas.width), whole(canvas.height));
    const outputs = await this.#run(`image ${sizeKey(canvas)}`, () => imageProgram(canvas, config), { pixels }, signal);
    return { canvas, features: outputs["features"] as Float32Array };
  }

  /** Queries that answer one text. */
  async #ask(
    { canvas, features }: SeenPicture,
    text: PhraseText,
    { widthPx, heightPx }: RgbImage,
    { threshold = this.#settings.threshold, signal }: DetectOptions,
  ): Promise<KeptQuery[]> {
    const { config, tokenizer } = this.#model;
    const length = TEXT_LENGTHS.find((l) => l >= text.ids.length && l < config.max_text_len) ?? config.max_text_len;
    const { ids, positions, attention, mask } = textTensors(
      text.ids,
      tokenizer.delimiters,
      length,
      tokenizer.special.pad,
    );
    const encoded = await this.#run(
      `text ${length}`,
      () => textProgram(length, config),
      { ids, positions, attention },
      signal,
    );
    const padded = isPadded(canvas);
    const { valid, ...places } = this.#geometry(canvas);
    const outputs = await this.#run(
      `detect ${sizeKey(canvas)} ${length} ${padded}`,
      () => detectProgram(canvas, length, config, { padded }),
      {
        ...places,
        ...(padded ? { valid } : {}),
        vision: features,
        text: encoded["features"]!,
        textPositions: sineTable(Array.from(positions, Number), config.d_model, TEXT_TEMPERATURE),
        textAttention: attention,
        textMask: mask,
      },
      signal,
    );
    const raw = {
      logits: outputs["logits"] as Float32Array,
      boxes: outputs["boxes"] as Float32Array,
      length,
      nTokens: text.ids.length,
    };
    return keepQueries(raw, threshold, widthPx, heightPx);
  }

  #label(query: KeptQuery, { ids, phraseOf }: PhraseText, phrases: readonly string[]): string {
    const { tokenizer, config } = this.#model;
    if (this.#settings.labels === "tokens")
      return tokenizer.decode(tokensOf(query, ids, this.#settings.textThreshold, config.max_text_len));
    return phrases[phraseOfQuery(query, phraseOf)]!;
  }

  #run(
    key: string,
    build: () => Program,
    feeds: Readonly<Record<string, HostArray>>,
    signal: AbortSignal | undefined,
  ): Promise<Outputs> {
    const { engine, threads } = this.#context;
    const compile = () => {
      const program = build();
      bindModel(program.graph, this.#model.folder, groundingDinoNames);
      return engine.compile(program, threads === undefined ? {} : { threads });
    };
    return this.#compiled.with(key, compile, (executable) =>
      executable.run(feeds, signal === undefined ? {} : { signal }),
    );
  }

  /** A handful is kept: where a video's frames lie does not change. */
  #geometry(canvas: Canvas): Geometry {
    const key = `${sizeKey(canvas)} ${canvas.pictureWidth}x${canvas.pictureHeight}`;
    let found = this.#geometries.get(key);
    if (found === undefined) {
      found = geometry(canvas, this.#model.config);
      if (this.#geometries.size >= 8) this.#geometries.clear();
      this.#geometries.set(key, found);
    }
    return found;
  }

  #checkSize(canvas: Pick<Canvas, "height" | "width">): void {
    const { config } = this.#model;
    const places = tokenCount(pyramid(canvas, config));
    if (places < config.num_queries) throw pictureTooSmall(places, config.num_queries, canvas.width, canvas.height);
  }
}

const sizeKey = ({ width, height }: Pick<Canvas, "height" | "width">) => `${width}x${height}`;

/** A box of the crop in pixels of the whole picture, cut to the crop; undefined when nothing of it lies inside. */
function placeBox(
  box: PixelBox,
  { image, left, top }: { image: RgbImage; left: number; top: number },
): PixelBox | undefined {
  const clamp = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  const placed = {
    x0: clamp(box.x0, image.widthPx) + left,
    y0: clamp(box.y0, image.heightPx) + top,
    x1: clamp(box.x1, image.widthPx) + left,
    y1: clamp(box.y1, image.heightPx) + top,
  };
  return placed.x1 > placed.x0 && placed.y1 > placed.y0 ? placed : undefined;
}
