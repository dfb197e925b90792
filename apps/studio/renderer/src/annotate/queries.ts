import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { host } from "../host/client.ts";
import type { QueueQuery } from "../host/types.ts";

/** What the Annotate room asks the host. */

/** Rows a page of the queue holds. */
export const QUEUE_PAGE = 100;

/** Which rows of the queue, in which order. */
export type QueueView = Omit<QueueQuery, "page" | "pageSize">;

export const storeList = () =>
  queryOptions({ queryKey: ["annotate.stores"], queryFn: () => host.annotate.stores.query() });

export const storeCounts = (storeId: string) =>
  queryOptions({
    queryKey: ["annotate.counts", storeId],
    queryFn: () => host.annotate.counts.query({ storeId }),
    placeholderData: keepPreviousData,
  });

/** A page stays as it is while it is worked through: what was decided keeps its place until the list is asked for again. */
export const queuePage = (view: QueueView, page: number) =>
  queryOptions({
    queryKey: ["annotate.queue", view, page],
    queryFn: ({ signal }) => host.annotate.queue.query({ ...view, page, pageSize: QUEUE_PAGE }, { signal }),
    staleTime: Infinity,
    ...(page === 0 ? { placeholderData: keepPreviousData } : {}),
  });

export const reviewItem = (storeId: string, episodeIndex: number) =>
  queryOptions({
    queryKey: ["annotate.item", storeId, episodeIndex],
    queryFn: () => host.annotate.item.query({ storeId, episodeIndex }),
    staleTime: Infinity,
    gcTime: 120_000,
  });
