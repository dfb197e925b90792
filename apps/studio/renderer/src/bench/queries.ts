import { queryOptions } from "@tanstack/react-query";
import { host } from "../host/client.ts";

/** What the Bench asks the host. */

export const benchChoices = () =>
  queryOptions({ queryKey: ["bench.choices"], queryFn: () => host.bench.choices.query(), staleTime: Infinity });

/** Jobs of kind bench, newest first. */
export const evaluationList = () =>
  queryOptions({
    queryKey: ["runs.list", "bench"],
    queryFn: () => host.runs.list.query({ kinds: ["bench"] }),
    refetchInterval: 3000, // evaluations started from a terminal appear by themselves
  });

/** An evaluation; asked again while it goes on. */
export const evaluationReport = (runId: string, isLive: boolean) =>
  queryOptions({
    queryKey: ["bench.evaluation", runId],
    queryFn: () => host.bench.evaluation.query({ runId }),
    refetchInterval: isLive ? 1000 : false,
  });

export const similarEpisodes = (runId: string, line: number) =>
  queryOptions({
    queryKey: ["bench.similar", runId, line],
    queryFn: () => host.bench.similar.query({ runId, line }),
    staleTime: Infinity,
  });

export const datasetUses = (datasetId: string) =>
  queryOptions({ queryKey: ["bench.uses", datasetId], queryFn: () => host.bench.uses.query({ datasetId }) });
