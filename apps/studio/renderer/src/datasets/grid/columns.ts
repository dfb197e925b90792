/** How cards are laid out in the grid's width. */
export interface GridShape {
  readonly nColumns: number;
  readonly cardPx: number;
  readonly rowPx: number;
}

const GAP_PX = 8;
const CAPTION_PX = 44;

/** As many cards of about `wantedPx` as fit, stretched to fill the width; `aspect` is the picture's height over its width. */
export function gridShape(widthPx: number, wantedPx: number, aspect: number): GridShape {
  const nColumns = Math.max(1, Math.round((widthPx + GAP_PX) / (wantedPx + GAP_PX)));
  const cardPx = Math.max(1, (widthPx - GAP_PX * (nColumns - 1)) / nColumns);
  return { nColumns, cardPx, rowPx: Math.ceil(cardPx * aspect) + CAPTION_PX + GAP_PX };
}
