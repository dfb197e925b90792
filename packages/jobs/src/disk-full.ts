import { PixelVlaError } from "@pixelvla/core";
import { diskFull } from "./errors.ts";

const isDiskFull = (error: unknown): boolean => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
};

/** Turns the system's "no space left" (also a full quota) into the project's sentence; other errors pass unchanged. */
export function explainDiskFull(error: unknown, file: string, what: string): unknown {
  if (error instanceof PixelVlaError) return error;
  return isDiskFull(error) ? diskFull(file, what, error) : error;
}
