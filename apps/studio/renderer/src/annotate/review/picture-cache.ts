import { fetchPicture } from "../../datasets/player/fetch-picture.ts";

const KEPT = 48;
const kept = new Map<string, Promise<ImageBitmap>>();
const ready = new Map<string, ImageBitmap>();

/** The decoded picture of an address; fetched once and kept while it is among the last ones used. */
export function picture(url: string): Promise<ImageBitmap> {
  const known = kept.get(url) ?? fetchPicture(url, AbortSignal.timeout(30_000));
  kept.delete(url);
  kept.set(url, known);
  known.then(
    (bitmap) => kept.get(url) === known && ready.set(url, bitmap),
    () => kept.delete(url),
  );
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
    ready.delete(oldest); // closed by the collector: somebody may be drawing it
  }
  return known;
}

/** The picture if it is here already, so that the next item can be painted in the same frame. */
export const pictureNow = (url: string): ImageBitmap | undefined => ready.get(url);

/** Fetches a picture that will be wanted soon. */
export function prefetchPicture(url: string): void {
  picture(url).catch(() => undefined); // whoever shows it says so
}
