import type { TargetAnswer } from "../target-reasoner.ts";
import { readAnswer } from "./read-answer.ts";

/** Asks until an answer is usable, at most `attempts` times; then says why there is none. Never guesses. */
export async function askUntilUsable(
  instruction: string,
  attempts: number,
  ask: (attempt: number) => Promise<string>,
): Promise<TargetAnswer> {
  if (instruction.trim() === "") return { reason: "the instruction is empty", confidence: 1 };
  let reason = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = readAnswer(await ask(attempt), instruction);
    if (read.kind === "answer") return read.answer;
    reason = read.reason;
    if (!read.retry) break;
  }
  return { reason, confidence: 0 };
}
