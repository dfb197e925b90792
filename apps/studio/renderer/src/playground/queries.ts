import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { host } from "../host/client.ts";
import type { Drawn, DrawnKind, PictureChoice } from "../host/types.ts";

/** What the Playground asks the host. Every answer follows from its question alone, so an answer is kept as long as it is shown. */

export const policyList = () =>
  queryOptions({
    queryKey: ["playground.policies"],
    queryFn: () => host.playground.policies.query(),
    refetchInterval: 5000, // runs save checkpoints as they go
  });

/** Which checkpoint: a run's latest one at the time it is asked for, or that of a train step. */
export interface Checkpoint {
  readonly runId: string;
  readonly step: number;
}

export const policyCard = (checkpoint: Checkpoint) =>
  queryOptions({
    queryKey: ["playground.open", checkpoint],
    queryFn: () => host.playground.open.query(checkpoint),
    staleTime: Infinity,
  });

export const drawnMask = (picture: PictureChoice, drawn: Drawn) =>
  queryOptions({
    queryKey: ["playground.mask", picture, drawn],
    queryFn: () => host.playground.mask.query({ picture, drawn }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

/** What a policy is shown. */
export interface Shown {
  readonly picture: PictureChoice;
  readonly instruction?: string | undefined;
  readonly mask?: string | undefined;
  readonly drawn: Drawn;
  readonly promptKind: DrawnKind;
}

export const prediction = (checkpoint: Checkpoint, { instruction, mask, ...shown }: Shown) =>
  queryOptions({
    queryKey: ["playground.predict", checkpoint, shown, instruction, mask],
    queryFn: () =>
      host.playground.predict.query({
        checkpoint,
        ...shown,
        ...(instruction === undefined ? {} : { instruction }),
        ...(mask === undefined ? {} : { mask }),
      }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
