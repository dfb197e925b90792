import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One instruction and its first object to grasp; undefined where there is none. */
export interface LabelledInstruction {
  readonly instruction: string;
  readonly target: string | undefined;
  /** Further names of the same object that count as right. */
  readonly aliases?: readonly string[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const lists = here("../../../../../shared/data/instruction-lists/");
const lines = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");

/** Whether the public lists lie beside the checkout. */
export const haveLists = existsSync(lists);

/** The hand-written instructions of this repository. */
export function ownInstructions(): LabelledInstruction[] {
  return lines(here("../instructions.tsv"))
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.split("\t"))
    .map(([instruction, target]) => ({ instruction: instruction!, target: target === "" ? undefined : target }));
}

const LISTS = {
  bridge: { file: "bridge.txt", column: 0, header: 0 },
  "bridge-v1-task-names": { file: "bridge-v1-task-names.txt", column: 0, header: 0 },
  fractal20220817_data: { file: "fractal20220817_data.txt", column: 0, header: 0 },
  "simpler-env": { file: "simpler-env.tsv", column: 1, header: 1 },
  "other-oxe": { file: "other-oxe.tsv", column: 1, header: 0 },
} as const;
export type ListName = keyof typeof LISTS;
export const listNames = Object.keys(LISTS) as ListName[];

export function labelledList(name: ListName): LabelledInstruction[] {
  const { file, column, header } = LISTS[name];
  const labels = lines(here(`../labels/${name}.txt`));
  return lines(lists + file)
    .slice(header)
    .map((line, i) => ({
      instruction: line.split("\t")[column]!,
      target: labels[i] === "-" ? undefined : labels[i]!,
    }));
}

/** Names LIBERO's instructions use for objects that its files call something else. */
const LIBERO_NAMES: Readonly<Record<string, readonly string[]>> = {
  akita_black_bowl: ["bowl", "black bowl", "akita black bowl"],
  porcelain_mug: ["white mug"],
  white_yellow_mug: ["yellow and white mug"],
  cream_cheese: ["cream cheese", "cream cheese box"],
  moka_pot: ["moka pot", "moka pots"],
  black_book: ["book"],
};

/** LIBERO's tasks; the truth is the first object that the goal puts on or in something, in either wording. */
export function liberoInstructions(): LabelledInstruction[] {
  return lines(`${lists}libero-tasks.tsv`)
    .slice(1)
    .flatMap((line) => {
      const [, , fromFile, inside, , goal] = line.split("\t") as [string, string, string, string, string, string];
      const moved = /\((?:On|In) ([a-z0-9_]+)_\d+ /.exec(goal)?.[1];
      const names = moved === undefined ? undefined : (LIBERO_NAMES[moved] ?? [moved.replaceAll("_", " ")]);
      return [fromFile, inside].map((instruction) => ({ instruction, target: names?.[0], aliases: names ?? [] }));
    });
}

/** Whether an answer names the labelled object. */
export function isRight(answer: { readonly target?: string }, { target, aliases }: LabelledInstruction): boolean {
  if (target === undefined || answer.target === undefined) return answer.target === target;
  return answer.target === target || (aliases?.includes(answer.target) ?? false);
}
