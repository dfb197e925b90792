export type { AnnotationState, EpisodeFilter, EpisodeQuery } from "../host/types.ts";
import type { AnnotationState } from "../host/types.ts";

/** Annotation states in review order; the contract's types check that none is missing or new. */
export const annotationStateNames = [
  "none",
  "annotated",
  "accepted",
  "rejected",
  "hard",
] as const satisfies readonly AnnotationState[];

/** What each state is called on the screen. */
export const annotationWords: Readonly<Record<AnnotationState, string>> = {
  none: "not annotated",
  annotated: "to review",
  accepted: "accepted",
  rejected: "rejected",
  hard: "hard",
};
