import type { GroundingDinoConfig } from "./config.ts";
import type { LevelSize } from "./sampling-grid.ts";
import { sineTable } from "./sine-embedding.ts";

/** A model input `height` x `width` with the picture in its top-left `pictureHeight` x `pictureWidth`; all in pixels. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
  readonly pictureHeight: number;
  readonly pictureWidth: number;
}

/** Sizes of the feature pyramid of a canvas: the backbone's maps, then maps of half the size each. */
export function pyramid({ height, width }: Pick<Canvas, "height" | "width">, config: GroundingDinoConfig): LevelSize[] {
  const { patch_size: patch, out_indices: stages } = config.backbone_config;
  const levels: LevelSize[] = [];
  let size: LevelSize = { rows: Math.ceil(height / patch), columns: Math.ceil(width / patch) };
  const half = ({ rows, columns }: LevelSize) => ({ rows: Math.ceil(rows / 2), columns: Math.ceil(columns / 2) });
  for (let stage = 1; stage <= Math.max(...stages); stage++) {
    if (stages.includes(stage)) levels.push(size);
    if (stage < Math.max(...stages)) size = half(size);
  }
  while (levels.length < config.num_feature_levels) levels.push(half(levels.at(-1)!));
  return levels.slice(0, config.num_feature_levels);
}

/** Everything the detector must be told about where the picture lies in its canvas; fed at every run. */
export interface Geometry {
  /** `[sum of rows, D / 2]` and `[sum of columns, D / 2]`, sine codes of rows and columns, levels one after another. */
  readonly rowCodes: Float32Array;
  readonly columnCodes: Float32Array;
  /** `[N, L]`, centre of every place in pixels of every level. */
  readonly centresX: Float32Array;
  readonly centresY: Float32Array;
  /** `[N, 4]`, candidate boxes before the sigmoid. */
  readonly proposals: Float32Array;
  /** `[N]`, 1 where the candidate lies well inside the picture. */
  readonly usable: Float32Array;
  /** `[N]`, 1 inside the picture. */
  readonly valid: Float32Array;
  /** `[L, 2]`, part of each level's width and height that is picture. */
  readonly validRatios: Float32Array;
}

/** A candidate the model must not choose: its sigmoid is exactly 1. transformers says infinity. */
const UNUSABLE = 1e4;

/**
 * Positions, reference points and candidate boxes of a canvas.
 *
 * Source: transformers' `GroundingDinoSinePositionEmbedding`, `get_reference_points`, `generate_encoder_output_proposals`.
 */
export function geometry(canvas: Canvas, config: GroundingDinoConfig): Geometry {
  const levels = pyramid(canvas, config);
  // How much of each level is picture: the mask of pixels, sampled to the level's size as `interpolate(mode="nearest")`.
  const inside = levels.map(({ rows, columns }) => ({
    rows: nearestInside(rows, canvas.height, canvas.pictureHeight),
    columns: nearestInside(columns, canvas.width, canvas.pictureWidth),
  }));
  const temperature = config.positional_embedding_temperature;
  const codes = (axis: "rows" | "columns") =>
    sineTable(
      levels.flatMap((level, l) => places(level[axis], inside[l]![axis])),
      config.d_model / 2,
      temperature,
    );
  const n = levels.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const result: Geometry = {
    rowCodes: codes("rows"),
    columnCodes: codes("columns"),
    centresX: new Float32Array(n * levels.length),
    centresY: new Float32Array(n * levels.length),
    proposals: new Float32Array(n * 4),
    usable: new Float32Array(n),
    valid: new Float32Array(n),
    validRatios: Float32Array.from(
      levels.flatMap(({ rows, columns }, l) => [inside[l]!.columns / columns, inside[l]!.rows / rows]),
    ),
  };
  let at = 0;
  levels.forEach((level, l) => {
    for (let y = 0; y < level.rows; y++) {
      for (let x = 0; x < level.columns; x++) fillPlace(result, at++, { x, y, l }, levels, inside[l]!);
    }
  });
  return result;
}

function fillPlace(
  out: Geometry,
  at: number,
  { x, y, l }: { x: number; y: number; l: number },
  levels: readonly LevelSize[],
  inside: LevelSize,
): void {
  const [u, v] = [(x + 0.5) / inside.columns, (y + 0.5) / inside.rows];
  levels.forEach(({ rows, columns }, k) => {
    out.centresX[at * levels.length + k] = u * out.validRatios[2 * k]! * columns - 0.5;
    out.centresY[at * levels.length + k] = v * out.validRatios[2 * k + 1]! * rows - 0.5;
  });
  const side = 0.05 * 2 ** l;
  const box = [u, v, side, side];
  const valid = x < inside.columns && y < inside.rows;
  const usable = valid && box.every((c) => c > 0.01 && c < 0.99);
  out.valid[at] = valid ? 1 : 0;
  out.usable[at] = usable ? 1 : 0;
  box.forEach((c, i) => {
    out.proposals[at * 4 + i] = usable ? Math.log(c / (1 - c)) : UNUSABLE;
  });
}

/** Positions 1, 2, ... up to `inside` and no further, as parts of it, for the sine code. */
function places(length: number, inside: number): number[] {
  return Array.from({ length }, (_, i) => Math.min(i + 1, inside) / (inside + 1e-6));
}

/** How many of `length` samples of a line of `full` pixels fall on its first `picture` pixels. */
function nearestInside(length: number, full: number, picture: number): number {
  const scale = Math.fround(full / length);
  let count = 0;
  while (count < length && Math.min(full - 1, Math.floor(Math.fround(count * scale))) < picture) count++;
  return count;
}
