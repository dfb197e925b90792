import { PixelVlaError } from "@pixelvla/core";
import type { SentFailure } from "./messages.ts";

/** An error as it goes from process to process, and to clients: code and sentence, never a stack. */
export function sendFailure(error: unknown): SentFailure {
  if (error instanceof PixelVlaError)
    return { code: error.code, message: error.message, facts: plainFacts(error.facts) };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "PVLA_INTERNAL", message: `Running the policy: ${message}.`, facts: {} };
}

export const receiveFailure = ({ code, message, facts }: SentFailure): PixelVlaError =>
  new PixelVlaError(code, message, facts);

/** What a client is told. */
export const failureText = (error: unknown): string => {
  const { code, message } = sendFailure(error);
  return `${code}  ${message}`;
};

/** Facts that survive structured cloning. */
const plainFacts = (facts: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value !== "function"));
