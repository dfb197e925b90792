import { useQueries } from "@tanstack/react-query";
import type { EpisodeRow } from "../../host/types.ts";
import type { GridView } from "../filter-params.ts";
import { episodePage, PAGE_SIZE } from "../queries.ts";

/** The rows that can be seen now, by position. */
export interface EpisodePages {
  readonly nMatched: number | undefined;
  readonly nTotal: number | undefined;
  readonly rowAt: (position: number) => EpisodeRow | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Loads the pages that hold positions `first` to `last` and no others; the first page also tells the counts. */
export function useEpisodePages(
  datasetId: string,
  { filter, sort }: GridView,
  first: number,
  last: number,
): EpisodePages {
  const pages = [0];
  for (let page = Math.floor(first / PAGE_SIZE); page <= Math.floor(last / PAGE_SIZE); page++)
    if (page > 0) pages.push(page);
  const results = useQueries({ queries: pages.map((page) => episodePage({ datasetId, filter, sort }, page)) });
  const head = results[0]?.data;
  return {
    nMatched: head?.nMatched,
    nTotal: head?.nTotal,
    rowAt(position) {
      const result = results[pages.indexOf(Math.floor(position / PAGE_SIZE))];
      return result?.data?.rows[position % PAGE_SIZE];
    },
    error: results.find((result) => result.error !== null)?.error,
    retry: () => results.forEach((result) => void result.refetch()),
  };
}
