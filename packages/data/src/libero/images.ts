import type { RgbImage } from "../episode.ts";
import { encodeImage } from "../images/decode.ts";
import type { ImageSource } from "../loaded-episode.ts";
import type { Demo } from "./demos.ts";
import type { Hdf5File } from "./hdf5-file.ts";

/** Raw frames of a demonstration, turned as asked; encoded as PNG, which keeps every value. */
export function liberoImages(
  open: () => Promise<Hdf5File>,
  { path, isBottomUp }: Demo,
  turn: "rotate180" | "flip" | "stored",
): ImageSource {
  const flipRows = turn !== "stored" && isBottomUp;
  const flipColumns = turn === "rotate180";
  const image = async (camera: string, rawFrame: number): Promise<RgbImage> => {
    const { data, shape } = (await open()).row(`${path}/obs/${camera}`, rawFrame);
    const [heightPx = 0, widthPx = 0] = shape;
    return { widthPx, heightPx, data: mirror(data, widthPx, heightPx, flipRows, flipColumns) };
  };
  return { image, encoded: async (camera, rawFrame) => encodeImage(await image(camera, rawFrame), "png") };
}

function mirror(data: Uint8Array, width: number, height: number, rows: boolean, columns: boolean): Uint8Array {
  if (!rows && !columns) return data;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const fromRow = (rows ? height - 1 - y : y) * width;
    for (let x = 0; x < width; x++) {
      const from = (fromRow + (columns ? width - 1 - x : x)) * 3;
      const to = (y * width + x) * 3;
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  return out;
}
