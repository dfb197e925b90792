import sharp from "sharp";
import type { StoredPreview } from "./preview-store.ts";

const CELL_WIDTH_PX = 620;
const PICTURE_HEIGHT_PX = 150;
const TEXT_HEIGHT_PX = 38;
const GAP_PX = 10;
const CHARACTERS = 88;

/**
 * All thumbnails on one JPEG, each with episode, instruction and outcome below: what to look at before trusting a run.
 *
 * @param columns default: 1 for up to 6 thumbnails, else 2
 */
export async function contactSheet(
  previews: readonly Pick<StoredPreview, "episodeIndex" | "task" | "caption" | "jpeg" | "cause">[],
  columns = previews.length > 6 ? 2 : 1,
): Promise<Uint8Array> {
  const cellHeight = PICTURE_HEIGHT_PX + TEXT_HEIGHT_PX + GAP_PX;
  const rows = Math.max(1, Math.ceil(previews.length / columns));
  const parts: { input: Buffer; left: number; top: number }[] = [];
  for (const [i, { jpeg, episodeIndex, task, caption, cause }] of previews.entries()) {
    const left = GAP_PX + (i % columns) * (CELL_WIDTH_PX + GAP_PX);
    const top = GAP_PX + Math.floor(i / columns) * cellHeight;
    const picture = await sharp(jpeg).resize(CELL_WIDTH_PX, PICTURE_HEIGHT_PX, { fit: "inside" }).toBuffer();
    parts.push({ input: picture, left, top });
    const colour = cause === undefined ? "#7ec8ff" : "#ffa04d";
    parts.push({
      input: Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${CELL_WIDTH_PX}" height="${TEXT_HEIGHT_PX}">` +
          `<g font-family="DejaVu Sans, Arial, sans-serif" font-size="12">` +
          `<text x="0" y="14" fill="#eee">${cut(`${episodeIndex}  ${task}`)}</text>` +
          `<text x="0" y="31" fill="${colour}">${cut(caption)}</text></g></svg>`,
      ),
      left,
      top: top + PICTURE_HEIGHT_PX,
    });
  }
  return sharp({
    create: {
      width: columns * (CELL_WIDTH_PX + GAP_PX) + GAP_PX,
      height: rows * cellHeight + GAP_PX,
      channels: 3,
      background: "#181818",
    },
  })
    .composite(parts)
    .jpeg({ quality: 82 })
    .toBuffer();
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function cut(text: string): string {
  const short = text.length > CHARACTERS ? `${text.slice(0, CHARACTERS - 1)}…` : text;
  return short.replace(/[&<>]/g, (character) => ENTITIES[character]!);
}
