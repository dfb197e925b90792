import { PixelVlaError } from "@pixelvla/core";
import { renderUsage, runCommand, type CommandDef } from "citty";
import { withAnnotateVerb } from "./commands/annotate/group.ts";
import { withSweepVerb } from "./commands/sweep/group.ts";
import { mainCommand } from "./main.ts";
import { EXIT } from "./terminal/exit-codes.ts";

/**
 * Runs the command line `args` and returns the exit status. Errors are printed here and nowhere else: a `PixelVlaError` as its
 * code and sentence, anything else as an internal fault; a stack trace only with `PIXELVLA_TRACE=1`. With `--json` the
 * error is a JSON document on stderr.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const rawArgs = withSweepVerb(withAnnotateVerb(args));
  const end = rawArgs.indexOf("--");
  const flags = end === -1 ? rawArgs : rawArgs.slice(0, end);
  try {
    if (flags.some((arg) => arg === "--help" || arg === "-h") || rawArgs.length === 0) {
      process.stdout.write(`${await usageOf(rawArgs)}\n`);
      return rawArgs.length === 0 ? EXIT.usage : EXIT.ok;
    }
    if (rawArgs.length === 1 && (rawArgs[0] === "--version" || rawArgs[0] === "-v")) {
      const meta = mainCommand.meta as { version: string };
      process.stdout.write(`${meta.version}\n`);
      return EXIT.ok;
    }
    await runCommand(mainCommand, { rawArgs });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return report(error, rawArgs, flags.includes("--json"));
  }
}

async function report(error: unknown, rawArgs: string[], json: boolean): Promise<number> {
  const { code, message, facts, exitCode } = await explain(error, rawArgs);
  process.stderr.write(json ? `${JSON.stringify({ error: { code, message, facts } })}\n` : `${code}  ${message}\n`);
  if (process.env["PIXELVLA_TRACE"] === "1" && error instanceof Error) process.stderr.write(`${trace(error)}\n`);
  return exitCode;
}

async function explain(error: unknown, rawArgs: string[]) {
  if (error instanceof PixelVlaError)
    return { code: error.code, message: error.message, facts: error.facts, exitCode: EXIT.failed };
  if (error instanceof Error && error.name === "CLIError") {
    const usage = await usageOf(rawArgs).catch(() => "");
    return { code: "PVLA_USAGE", message: `${error.message}\n\n${usage}`, facts: {}, exitCode: EXIT.usage };
  }
  if (error instanceof Error && error.name === "AbortError")
    return { code: "PVLA_INTERRUPTED", message: "Interrupted.", facts: {}, exitCode: EXIT.interrupted };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "PVLA_INTERNAL",
    message: `internal: ${message}. Run again with PIXELVLA_TRACE=1 for the place and please report it.`,
    facts: {},
    exitCode: EXIT.internal,
  };
}

function trace(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${trace(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

/** Help of the command that `rawArgs` names, as far as it can be found. */
async function usageOf(rawArgs: readonly string[]): Promise<string> {
  let command = mainCommand;
  let path = "pixelvla";
  for (const arg of rawArgs) {
    if (arg.startsWith("-")) break;
    const subCommands = (await resolved(command.subCommands)) as Record<string, CommandDef> | undefined;
    const next = subCommands?.[arg];
    if (next === undefined) break;
    command = next;
    path += ` ${arg}`;
  }
  const meta = (await resolved(command.meta)) as { description?: string } | undefined;
  return renderUsage({ ...command, meta: { ...meta, name: path } });
}

const resolved = (value: unknown): unknown => (typeof value === "function" ? (value as () => unknown)() : value);
