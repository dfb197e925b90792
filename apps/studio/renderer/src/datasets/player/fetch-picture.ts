/** A picture the host could not give. */
export class PictureError extends Error {
  override name = "PictureError";
}

/** Fetches and decodes one picture off the main thread. @throws PictureError with the host's own words where it gave any */
export async function fetchPicture(url: string, signal: AbortSignal): Promise<ImageBitmap> {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    const text = await response.text().catch(() => "");
    throw new PictureError(text.trim() || `The host answered ${response.status} for ${url}`);
  }
  return createImageBitmap(await response.blob());
}
