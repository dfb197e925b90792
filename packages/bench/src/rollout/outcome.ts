/** How an episode ended. The first four are the policy's doing, the others faults that do not count as its success. */
export const OUTCOMES = [
  "success",
  "grasp-only",
  "wrong-object",
  "time-out",
  "policy-error",
  "invalid-action",
  "exploded",
  "worker-lost",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Something that stopped an episode, with the sentence that explains it. */
export interface Fault {
  readonly kind: "policy-error" | "invalid-action" | "exploded" | "worker-lost";
  readonly message: string;
}

/** One episode's result; plain JSON. */
export interface EpisodeResult {
  readonly embodiment: string;
  readonly task: string;
  readonly variant: string;
  readonly seed: number;
  readonly instruction: string;
  readonly outcome: Outcome;
  readonly success: boolean;
  /** Ever grasped the target, whatever came of it. */
  readonly grasped: boolean;
  readonly wrongObject: boolean;
  readonly nSteps: number;
  /** Action values beyond the accepted range that were cut off. */
  readonly nClipped: number;
  /** How often the policy was asked. */
  readonly nQueries: number;
  readonly fault?: Fault;
  readonly wallMs: number;
  /** Of which in the policy. */
  readonly policyMs: number;
}

/** What an episode counts as. */
export function outcomeOf(
  { success, grasped, wrongObject }: { success: boolean; grasped: boolean; wrongObject: boolean },
  fault?: Fault,
): Outcome {
  if (fault) return fault.kind;
  if (success) return "success";
  if (wrongObject) return "wrong-object";
  return grasped ? "grasp-only" : "time-out";
}
