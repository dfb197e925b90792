import { PixelVlaError } from "@pixelvla/core";

/** An error in a form that survives the way between threads. */
export interface SentError {
  readonly code: string | undefined;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
}

export function sendError(error: unknown): SentError {
  const e = error instanceof Error ? error : new Error(String(error));
  const own = e instanceof PixelVlaError;
  return { code: own ? e.code : undefined, message: e.message, facts: own ? e.facts : {}, stack: e.stack };
}

export function receiveError({ code, message, facts, stack }: SentError): Error {
  const error = code === undefined ? new Error(message) : new PixelVlaError(code, message, facts);
  if (stack !== undefined) error.stack = stack;
  return error;
}
