/** Place and set-up tags that BridgeData's collectors appended to the instruction. */
const TAGS = [
  /\b(?:cardboard\s*fence|distractors?)\b/g,
  /\(?\bin the eyes of the robot\b\)?/g,
  /\bno legs?$/g,
  /\bsink$/g,
  /\s\d+$/g,
];

/** Words that name a place when they end the sentence after a preposition: "in sink" is no tag, "plate sink" is. */
const PLACE_BEFORE = /\b(?:in|into|to|from|on|onto|near|the|of|by|at|kitchen)\s*$/;

/**
 * Lower-case words of an instruction: underscores and punctuation gone, set-up tags removed, clause marks kept as ",".
 * `7up`, `t-shaped` and `1-flap` stay whole.
 */
export function instructionWords(instruction: string): string[] {
  let text = instruction
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[_/]+/g, " ")
    .replace(/\([^)]*\)/g, " ")
    .replace(/[’`]/g, "'")
    .replace(/'s\b/g, "")
    .replace(/[.;:!?\n]+/g, " , ")
    .replace(/,/g, " , ")
    .replace(/[^\p{L}\p{N}\s,'-]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  for (const tag of TAGS) {
    text = text.replace(tag, (found, ...rest) => {
      const offset = rest.at(-2) as number;
      const before = text.slice(0, offset);
      return found === "sink" && PLACE_BEFORE.test(before) ? found : " ";
    });
    text = text.replace(/\s+/g, " ").trim();
  }
  return text
    .replace(/\bketch up\b/g, "ketchup")
    .replace(/\b(?:teh|hte)\b/g, "the")
    .split(" ")
    .map((word) => word.replace(/^[-']+|[-']+$/g, ""))
    .filter((word) => word !== "");
}
