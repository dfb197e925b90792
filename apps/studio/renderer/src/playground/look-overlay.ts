import type { LookAnswer } from "../host/types.ts";

/** Attention of one layer, or the mean of all (`layer` undefined), on each vision token, 0 to 1 of the most looked at. */
export function relativeLook({ weights }: Pick<LookAnswer, "weights">, layer: number | undefined): number[] {
  const rows = layer === undefined ? weights : [weights[layer] ?? []];
  const mean = (weights[0] ?? []).map((_, n) => rows.reduce((sum, row) => sum + (row[n] ?? 0), 0) / rows.length);
  const most = Math.max(...mean, 1e-12);
  return mean.map((value) => value / most);
}

/** Darkens what the policy does not look at, so that the picture stays readable where it does. `widthPx` x `heightPx` screen pixels. */
export function drawLook(
  context: CanvasRenderingContext2D,
  widthPx: number,
  heightPx: number,
  look: LookAnswer,
  layer: number | undefined,
): void {
  const [rows, columns] = look.grid;
  const [left, top, right, bottom] = look.picture;
  const shares = relativeLook(look, layer);
  // The tokens cover the fitted image; the picture is the part from left to right and top to bottom of it.
  const x = (column: number) => ((column / columns - left) / (right - left)) * widthPx;
  const y = (row: number) => ((row / rows - top) / (bottom - top)) * heightPx;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const share = shares[row * columns + column]!;
      context.fillStyle = `rgb(0 0 0 / ${Math.round(82 * (1 - share))}%)`;
      const [x0, y0] = [Math.round(x(column)), Math.round(y(row))];
      context.fillRect(x0, y0, Math.round(x(column + 1)) - x0, Math.round(y(row + 1)) - y0);
    }
}
