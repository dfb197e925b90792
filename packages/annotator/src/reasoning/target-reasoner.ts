import type { z } from "zod";

/** What an instruction asks the robot to take hold of first. */
export interface TargetAnswer {
  /** Noun phrase of the first object to grasp, in singular or plural as written; absent when there is none. */
  readonly target?: string;
  /** The phrase's alternatives where the instruction names several ("pot or pan"); at least `target` itself. */
  readonly alternatives?: readonly string[];
  /** What tells the target from others like it: "between the plate and the ramekin". */
  readonly modifier?: string;
  /** Why there is no target, in words for the annotation funnel. */
  readonly reason?: string;
  /** What is wrong with a model's answer that names no target: it makes one up, or it is no answer at all. */
  readonly fault?: "unfounded" | "unusable";
  /** In [0, 1]. */
  readonly confidence: number;
}

/** Names the first object to grasp (the paper's annotation stage 2, first step). */
export interface TargetReasoner {
  /** Name and version, for an annotation's provenance. */
  readonly model: string;
  readonly modelVersion: string;
  /** @throws PVLA_REASONER when the model behind it cannot be asked at all; a strange answer is an answer without target */
  reason(instruction: string, options?: { readonly signal?: AbortSignal }): Promise<TargetAnswer>;
  dispose(): Promise<void>;
}

export interface TargetReasonerPlugin<Options extends z.ZodType = z.ZodType> {
  readonly kind: "targetReasoner";
  readonly name: string;
  /** One sentence for lists and the studio. */
  readonly summary: string;
  readonly options: Options;
  /** Opens the reasoner; options were parsed by `options`. */
  open(options: z.output<Options>): Promise<TargetReasoner>;
}

/** Infers the option type inside a plugin and forgets it outside, as core's define helpers do. */
export function defineTargetReasoner<O extends z.ZodType>(
  plugin: Omit<TargetReasonerPlugin<O>, "kind">,
): TargetReasonerPlugin {
  return { kind: "targetReasoner", ...plugin } as unknown as TargetReasonerPlugin;
}
