import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { EpisodeFilter, EpisodePage, EpisodeQuery } from "../host/types.ts";
import { host } from "../host/client.ts";

/** What the Datasets room asks the host, and under which keys the answers are kept. */

export const datasetList = () =>
  queryOptions({ queryKey: ["datasets.list"], queryFn: () => host.datasets.list.query() });

export const datasetDetail = (datasetId: string) =>
  queryOptions({ queryKey: ["datasets.get", datasetId], queryFn: () => host.datasets.get.query({ datasetId }) });

export const folderEntries = (path: string) =>
  queryOptions({ queryKey: ["datasets.folders", path], queryFn: () => host.datasets.folders.query({ path }) });

export const episodeFacets = (datasetId: string, filter: EpisodeFilter, nTotal: number | undefined) =>
  queryOptions({
    queryKey: ["datasets.facets", datasetId, filter, nTotal],
    queryFn: () => host.datasets.facets.query({ datasetId, filter }),
    placeholderData: keepPreviousData,
  });

/** Episodes of one page of the grid. */
export const PAGE_SIZE = 100;

export const episodePage = (query: Omit<EpisodeQuery, "offset" | "limit">, page: number) =>
  queryOptions<EpisodePage>({
    queryKey: ["datasets.episodes", query, page],
    queryFn: ({ signal }) =>
      host.datasets.episodes.query({ ...query, offset: page * PAGE_SIZE, limit: PAGE_SIZE }, { signal }),
    refetchInterval: ({ state }) => (state.data?.isComplete === false ? 1000 : false), // a large dataset is still being listed
    ...(page === 0 ? { placeholderData: keepPreviousData<EpisodePage> } : {}),
  });

export const episodeDetail = (datasetId: string, episodeIndex: number) =>
  queryOptions({
    queryKey: ["datasets.episode", datasetId, episodeIndex],
    queryFn: () => host.datasets.episode.query({ datasetId, episodeIndex }),
    staleTime: Infinity,
    gcTime: 20_000,
  });

export const episodeAnnotation = (datasetId: string, episodeIndex: number) =>
  queryOptions({
    queryKey: ["datasets.annotation", datasetId, episodeIndex],
    queryFn: () => host.datasets.annotation.query({ datasetId, episodeIndex }),
    gcTime: 20_000,
  });
