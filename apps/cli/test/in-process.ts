import { runCli } from "../src/run-cli.ts";
import { captureOutput } from "./captured-output.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs command lines in the test's own process: a second less each than one that starts `bin/pixelvla.js`, which run-cli.test.ts does.
 * Call once a file; one command at a time.
 */
export function commandsInProcess(): (...args: string[]) => Promise<CommandResult> {
  const output = captureOutput();
  return async (...args) => {
    output.clear();
    process.exitCode = undefined;
    const code = await runCli(args);
    return { code, stdout: output.stdout, stderr: output.stderr };
  };
}
