import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jobPaths } from "./paths.ts";

/** What anybody may ask of a job by dropping a file of this name into `commands/`. */
export const JOB_COMMANDS = ["stop", "pause", "resume"] as const;
export type JobCommand = (typeof JOB_COMMANDS)[number];

const isCommand = (name: string): name is JobCommand => (JOB_COMMANDS as readonly string[]).includes(name);

/** Asks the job in `dir` to stop (saving a checkpoint), pause or resume. It answers at its next step. */
export async function dropCommand(dir: string, command: JobCommand): Promise<void> {
  const { commands } = jobPaths(dir);
  await mkdir(commands, { recursive: true });
  if (command === "resume") await rm(join(commands, "pause"), { force: true });
  if (command === "pause") await rm(join(commands, "resume"), { force: true });
  await writeFile(join(commands, command), "");
}

/** Takes the commands that wait in `dir`, removing their files. `stop` wins over the others. */
export async function takeCommands(dir: string): Promise<JobCommand[]> {
  const { commands } = jobPaths(dir);
  const names = (await readdir(commands).catch((): string[] => [])).filter(isCommand);
  await Promise.all(names.map((name) => rm(join(commands, name), { force: true })));
  return names.sort((a, b) => JOB_COMMANDS.indexOf(a) - JOB_COMMANDS.indexOf(b));
}
