/** Why an episode has no annotation, in the order in which the pipeline can find it out. */
export const CAUSES = {
  damaged: "the episode cannot be read",
  "no-gripper-signal": "the data have no gripper signal and nobody said when it closes",
  "never-closes": "the gripper never goes from open to closed",
  "gripper-not-found": "the gripper is not found in the frame where it closes",
  "no-instruction": "the episode has no instruction",
  "reasoner-unreachable": "the target reasoner could not be asked",
  "no-target": "the instruction names nothing to grasp",
  "target-unsure": "the reasoner is not sure enough of the target",
  "target-unfounded": "the reasoner named something that is not in the instruction",
  "target-unusable": "the reasoner's answer makes no sense",
  "not-found": "the target is not found where it is sought",
  "empty-mask": "the segmenter gave an empty mask",
  "mask-size": "the mask is too small or too large for an object",
  "low-confidence": "detection and mask are not certain enough",
  "not-trackable": "the tracker finds nothing to follow where the mask is",
  "track-lost": "the mask is lost in too many frames",
  "model-failed": "a model failed on the episode",
} as const;

/** Stable name of a cause, as in `funnel.json`. */
export type Cause = keyof typeof CAUSES;

/** An episode that is dropped: why, and what exactly was found. */
export interface Dropped {
  readonly cause: Cause;
  readonly detail: string;
}

export const dropped = (cause: Cause, detail: string): Dropped => ({ cause, detail });
export const isDropped = (value: object): value is Dropped => "cause" in value;
