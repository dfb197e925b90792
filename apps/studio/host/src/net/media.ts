import type { IncomingMessage, ServerResponse } from "node:http";
import { thumbnailWidthsPx } from "@pixelvla/studio-contract/urls";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { OpenedDataset } from "../datasets/open-dataset.ts";
import type { Pictures } from "../datasets/pictures.ts";
import { findVideo } from "../datasets/video-file.ts";
import type { Workspace } from "../workspace.ts";
import { sendFile } from "./send-file.ts";
import { sendImmutable, sendText } from "./send.ts";

/** What answers for `/media/`. */
export interface MediaSources {
  readonly catalog: DatasetCatalog;
  readonly pictures: Pictures;
  readonly workspace: Workspace;
}

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const WHOLE = /^\d{1,9}$/;

/** Serves `/media/<datasetId>/<revision>/<episode>/…`; `segments` are the decoded ones after `media`. */
export async function sendMedia(
  request: IncomingMessage,
  response: ServerResponse,
  segments: readonly string[],
  sources: MediaSources,
): Promise<void> {
  const [datasetId = "", revision = "", episode = "", ...rest] = segments;
  if (!ID.test(datasetId) || !WHOLE.test(episode) || rest.length < 2 || rest.length > 3) {
    sendText(response, 404, "There is no such picture.");
    return;
  }
  const dataset = await sources.catalog.open(datasetId);
  const isCurrent = revision === dataset.revision;
  const episodeIndex = Number(episode);
  const [first = "", second = "", third] = rest;
  if (third === undefined) {
    const video = second === "video" ? await findVideo(dataset, episodeIndex, first, sources.workspace) : undefined;
    if (video === undefined) sendText(response, 404, "There is no such video.");
    else
      await sendFile(request, response, video, {
        cacheControl: isCurrent ? "private, max-age=31536000, immutable" : "no-store",
      });
    return;
  }
  if (!WHOLE.test(first)) {
    sendText(response, 404, "There is no such picture.");
    return;
  }
  const etag = `"${dataset.revision}"`;
  if (isCurrent && third !== "mask" && request.headers["if-none-match"] === etag) {
    response.writeHead(304, { ETag: etag, "Cache-Control": "private, max-age=31536000, immutable" }).end();
    return;
  }
  const picture = await pictureOf(sources, dataset, { episodeIndex, frameIndex: Number(first), camera: second }, third);
  if (picture === undefined) sendText(response, 404, "There is no such picture.");
  else sendImmutable(request, response, etag, picture, isCurrent && third !== "mask"); // a mask may be edited any time
}

async function pictureOf(
  { pictures }: MediaSources,
  dataset: OpenedDataset,
  address: { episodeIndex: number; frameIndex: number; camera: string },
  what: string,
) {
  if (what === "image") return pictures.frame(dataset, address);
  if (what === "mask") return pictures.mask(dataset, address);
  const width = /^thumb-(\d+)$/.exec(what)?.[1];
  if (width === undefined || !(thumbnailWidthsPx as readonly number[]).includes(Number(width))) return undefined;
  return pictures.thumbnail(dataset, address, Number(width));
}
