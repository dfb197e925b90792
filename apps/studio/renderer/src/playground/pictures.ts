import { useEffect, useState } from "react";
import { fetchPicture } from "../datasets/player/fetch-picture.ts";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import type { PictureChoice, Problem } from "../host/types.ts";

/** Longest side a dropped picture is scaled to: policies see 64 to 448 px, and a message holds 1 MiB. */
const MAX_SIDE_PX = 768;
const MAX_BYTES = 640_000;

/** A PNG's or any bytes as base64. */
export async function toBase64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

/** A base64 PNG as a picture. */
export function pngBitmap(base64: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: "image/png" }));
}

/** Scales a dropped file down where needed, and hands it to the host. What is shown is what was sent, pixel for pixel. */
export async function sendPicture(file: Blob): Promise<{ choice: PictureChoice; bitmap: ImageBitmap }> {
  const whole = await createImageBitmap(file);
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(whole.width, whole.height));
  const canvas = new OffscreenCanvas(Math.round(whole.width * scale), Math.round(whole.height * scale));
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, canvas.width, canvas.height);
  const png = await canvas.convertToBlob({ type: "image/png" });
  const sent = png.size <= MAX_BYTES ? png : await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
  const { pictureId } = await host.playground.addPicture.mutate({ base64: await toBase64(sent) });
  return { choice: { kind: "dropped", pictureId }, bitmap: await createImageBitmap(sent) };
}

/** The picture at `url` once it is there; the one before stays until then. */
export function useBitmap(url: string | undefined): { bitmap: ImageBitmap | undefined; problem: Problem | undefined } {
  const [bitmap, setBitmap] = useState<ImageBitmap>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    if (url === undefined) return;
    const controller = new AbortController();
    fetchPicture(url, controller.signal).then(
      (picture) => {
        setBitmap(picture);
        setProblem(undefined);
      },
      (error: unknown) => {
        if (!controller.signal.aborted) setProblem(problemOf(error));
      },
    );
    return () => controller.abort();
  }, [url]);
  return { bitmap: url === undefined ? undefined : bitmap, problem };
}

/** A mask from the host as a picture. */
export function useMaskBitmap(maskPng: string | undefined): ImageBitmap | undefined {
  const [bitmap, setBitmap] = useState<ImageBitmap>();
  useEffect(() => {
    let isCurrent = true;
    if (maskPng === undefined) setBitmap(undefined);
    else
      void pngBitmap(maskPng).then((picture) => {
        if (isCurrent) setBitmap(picture);
      });
    return () => {
      isCurrent = false;
    };
  }, [maskPng]);
  return bitmap;
}
