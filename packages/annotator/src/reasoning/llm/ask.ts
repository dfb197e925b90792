import type { TargetAnswer } from "../target-reasoner.ts";
import { readAnswer } from "./read-answer.ts";

/** Asks until an answer is usable, at most `attempts` times; then says why there is none. Never guesses. */
export async function askUntilUsable(
  instruction: string,
  attempts: number,
  ask: (attempt: number) => Promise<string>,
): Promise<TargetAnswer> {
  if (instruction.trim() === "") return { reason: "the instruction is empty", confidence: 1 };
  let answer: TargetAnswer = { reason: "the model was not asked", fault: "unusable", confidence: 0 };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = readAnswer(await ask(attempt), instruction);
    if (read.kind === "answer") return read.answer;
    answer = { reason: read.reason, fault: read.fault, confidence: 0 };
    if (!read.retry) break;
  }
  return answer;
}
