import type { LaunchRequest } from "./launch-file.ts";
import { jobPaths } from "../paths.ts";

/** One word for a POSIX shell, whatever it holds. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

export const shellCommand = (command: readonly string[]): string => command.map(shellWord).join(" ");

/**
 * Lines of a shell script that do a job's work. A job that a scheduler starts again after a preemption goes on instead of refusing
 * the directory it has already worked in.
 */
export function jobScriptLines(request: LaunchRequest, dir: string): string[] {
  const { cwd = process.cwd(), env = {}, command, resumeCommand } = request;
  const first = `exec ${shellCommand(command(dir))}`;
  return [
    "set -eu",
    `cd ${shellWord(cwd)}`,
    ...Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ...(resumeCommand === undefined
      ? []
      : [`if [ -f ${shellWord(jobPaths(dir).config)} ]; then`, `  exec ${shellCommand(resumeCommand(dir))}`, "fi"]),
    first,
  ];
}
