import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { frameUrl } from "@pixelvla/studio-contract/urls";
import { queryClient } from "../../host/query-client.ts";
import type { QueueRow, ReviewItem } from "../../host/types.ts";
import { setParams } from "../../route/navigate.ts";
import { reviewItem, type QueueView } from "../queries.ts";
import { prefetchPicture } from "./picture-cache.ts";
import { useQueue } from "./queue-list.tsx";

/** Items whose annotation and picture are fetched before they are wanted. */
const N_AHEAD = 3;

/** Address of a frame's picture. */
export const pictureUrl = (item: ReviewItem, frameIndex: number): string =>
  frameUrl({
    datasetId: item.datasetId,
    revision: item.revision,
    episodeIndex: item.row.episodeIndex,
    frameIndex,
    camera: item.camera,
  });

/** Where the reviewer is in the queue: the item on the screen, and the way to others. What comes next is fetched ahead. */
export function useQueuePlace(view: QueueView, params: Readonly<Record<string, string>>) {
  const { storeId } = view;
  const [position, setPosition] = useState(params["ep"] === undefined ? 0 : -1);
  const queue = useQueue(view, [position, position + N_AHEAD]);
  const asked = params["ep"] === undefined ? undefined : Number(params["ep"]);
  const episodeIndex = asked ?? queue.rowAt(position)?.episodeIndex;
  const { data: item, error } = useQuery({
    ...reviewItem(storeId, episodeIndex ?? 0),
    enabled: episodeIndex !== undefined && Number.isInteger(episodeIndex),
  });

  const viewKey = JSON.stringify(view);
  const known = useRef(viewKey);
  useEffect(() => {
    if (known.current === viewKey) return;
    known.current = viewKey;
    setPosition(0);
    setParams({ ep: "" });
  }, [viewKey]);

  // An address that names an episode: find its place among the rows that are loaded.
  const { nMatched, nTotal, rowAt } = queue;
  useEffect(() => {
    if (position >= 0 || asked === undefined || nMatched === undefined) return;
    for (let at = 0; at < Math.min(100, nMatched); at++) if (rowAt(at)?.episodeIndex === asked) setPosition(at);
  }, [position, asked, nMatched, rowAt]);

  const ahead = Array.from({ length: N_AHEAD }, (_, i) => rowAt(position + 1 + i)?.episodeIndex ?? "").join();
  useEffect(() => {
    for (const next of ahead.split(",").filter(Boolean).map(Number))
      queryClient
        .query({ ...reviewItem(storeId, next), staleTime: "static" })
        .then((found) => prefetchPicture(pictureUrl(found, found.keyFrameIndex)))
        .catch(() => undefined); // told when it is opened
  }, [ahead, storeId]);

  /** Goes to a place of the queue; false at its end. */
  const go = useCallback(
    (next: number, row: QueueRow | undefined): boolean => {
      if (next < 0 || next >= (nMatched ?? 0)) return false;
      setPosition(next);
      setParams({ ep: row === undefined ? "" : `${row.episodeIndex}` });
      return true;
    },
    [nMatched],
  );
  return { position, item, error, go, rowAt, nMatched, nTotal, queueError: queue.error };
}
