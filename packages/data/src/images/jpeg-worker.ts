// Worker thread: decodes batches of small JPEGs with libjpeg-turbo compiled to WebAssembly. See jpeg-pool.ts.
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import type { JpegBatch, JpegReply } from "./jpeg-pool.ts";

interface TurboDecoder {
  getEncodedBuffer(size: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8ClampedArray;
  getFrameInfo(): { width: number; height: number; componentCount: number };
}
type TurboModule = { JPEGDecoder: new () => TurboDecoder };

const require = createRequire(import.meta.url);
const load = require("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs") as () => Promise<TurboModule>;
const decoder = new (await load()).JPEGDecoder();

parentPort!.on("message", ({ id, bytes, ends }: JpegBatch) => {
  const images: JpegReply["images"] = ends.map((end, i) => decode(bytes.subarray(ends[i - 1] ?? 0, end)));
  const buffers = images.flatMap((image) => (image ? [image.data.buffer as ArrayBuffer] : []));
  parentPort!.postMessage({ id, images } satisfies JpegReply, buffers);
});

/** Decodes one image; undefined where libjpeg-turbo finds fault with it, which it reports by throwing a number. */
function decode(jpeg: Uint8Array): JpegReply["images"][number] {
  try {
    decoder.getEncodedBuffer(jpeg.length).set(jpeg);
    decoder.decode();
    const { width, height, componentCount } = decoder.getFrameInfo();
    const pixels = decoder.getDecodedBuffer();
    if (componentCount === 3) return { widthPx: width, heightPx: height, data: new Uint8Array(pixels) };
    const data = new Uint8Array(pixels.length * 3);
    for (let i = 0; i < pixels.length; i++) data.fill(pixels[i]!, i * 3, i * 3 + 3);
    return { widthPx: width, heightPx: height, data };
  } catch {
    return undefined;
  }
}
