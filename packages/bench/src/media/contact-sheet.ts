import sharp from "sharp";

/** A picture with a caption for a sheet. `image` `[size, size, 3]`, 0..255. */
export interface Tile {
  readonly image: Uint8Array;
  readonly caption: string;
}

const GAP_PX = 4;
const CAPTION_PX = 15;

/**
 * Arranges equally sized pictures in rows with captions above them and encodes the sheet as WebP.
 *
 * @param rows rows of tiles; undefined leaves a cell empty
 */
export async function contactSheet(
  rows: readonly (readonly (Tile | undefined)[])[],
  sizePx: number,
  { scale = 1, quality = 80 }: { scale?: number; quality?: number } = {},
): Promise<Buffer> {
  const shownPx = sizePx * scale;
  const nColumns = Math.max(...rows.map((row) => row.length));
  const cell = { width: shownPx + GAP_PX, height: shownPx + CAPTION_PX + GAP_PX };
  const layers = await Promise.all(
    rows.flatMap((row, y) =>
      row.flatMap((tile, x) =>
        tile ? [layer(tile, sizePx, shownPx, x * cell.width + GAP_PX, y * cell.height + GAP_PX)] : [],
      ),
    ),
  );
  const background = { r: 24, g: 26, b: 30 };
  const size = { width: nColumns * cell.width + GAP_PX, height: rows.length * cell.height + GAP_PX };
  return sharp({ create: { ...size, channels: 3, background } })
    .composite(layers.flat())
    .webp({ quality })
    .toBuffer();
}

async function layer({ image, caption }: Tile, sizePx: number, shownPx: number, left: number, top: number) {
  const picture = await sharp(image, { raw: { width: sizePx, height: sizePx, channels: 3 } })
    .resize(shownPx, shownPx, { kernel: "nearest" })
    .png()
    .toBuffer();
  const label = Buffer.from(captionSvg(caption, shownPx));
  return [
    { input: label, left, top },
    { input: picture, left, top: top + CAPTION_PX },
  ];
}

function captionSvg(caption: string, widthPx: number): string {
  const text = caption.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const fontPx = Math.min(11, (widthPx / Math.max(1, caption.length)) * 1.75);
  return `<svg width="${widthPx}" height="${CAPTION_PX}" xmlns="http://www.w3.org/2000/svg"><text x="1" y="11" font-family="sans-serif" font-size="${fontPx.toFixed(1)}" fill="#d8dce2">${text}</text></svg>`;
}
