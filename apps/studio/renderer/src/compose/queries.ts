import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { host } from "../host/client.ts";
import type { PolicyPart } from "../host/types.ts";

/** What the Compose room asks the host. The recipe's text is the question; the last answer stays on the screen until the next is here. */

export const composition = (text: string) =>
  queryOptions({
    queryKey: ["compose.examine", text],
    queryFn: ({ signal }) => host.compose.examine.query({ text }, { signal }),
    enabled: text !== "",
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });

export const partChoices = (text: string, part: PolicyPart) =>
  queryOptions({
    queryKey: ["compose.choices", text, part],
    queryFn: ({ signal }) => host.compose.choices.query({ text, part }, { signal }),
    staleTime: Infinity,
  });

export const recipeDiff = (text: string, against: string) =>
  queryOptions({
    queryKey: ["compose.diff", text, against],
    queryFn: ({ signal }) => host.compose.diff.query({ text, against }, { signal }),
    enabled: text !== "" && against !== "",
    placeholderData: keepPreviousData,
  });
