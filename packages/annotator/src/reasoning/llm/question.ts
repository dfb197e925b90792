/** What a model is told once. Grown from the instructions of Fractal, BridgeData V2 and LIBERO. */
export const SYSTEM_PROMPT = `You read one instruction for a robot arm with a gripper. Name the first object the gripper must take hold of to carry it out, in the instruction's own words (a short noun phrase with its adjectives, no article). If nothing movable has to be grasped (opening or closing drawers and doors, switches, wiping, no object named), the object is null. Answer with JSON only: {"object": "..."} or {"object": null}.`;

/** Worked examples, as question and answer. */
export const EXAMPLES: readonly (readonly [string, string])[] = [
  ["pick orange can from bottom drawer and place on counter", '{"object": "orange can"}'],
  ["open the top drawer and put the bowl inside", '{"object": "bowl"}'],
  ["close middle drawer", '{"object": null}'],
  ["put both the alphabet soup and the cream cheese box in the basket", '{"object": "alphabet soup"}'],
];

/** The answer's JSON Schema, for servers and runtimes that constrain what a model may write. */
export const ANSWER_SCHEMA = {
  type: "object",
  properties: { object: { type: ["string", "null"], maxLength: 80 } },
  required: ["object"],
  additionalProperties: false,
} as const;
