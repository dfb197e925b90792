import { z } from "zod";
import { badDefinition } from "./errors.ts";

const params = z.record(z.string(), z.unknown());
const prepare = z.custom<Prepare>((value) => typeof value === "function", "must be a function");

const peer = z
  .strictObject({
    name: z.string().min(1).describe("Printed name, e.g. torch-eager"),
    python: z.string().endsWith(".py").optional().describe("Script in tools/peers"),
    venv: z.string().default(".venv").describe("Environment in tools/peers"),
    prepare: prepare.optional().describe("A peer in JavaScript instead of Python"),
    params: params.default({}).describe("Merged over the case's params for this peer"),
  })
  .refine((value) => (value.python === undefined) !== (value.prepare === undefined), {
    message: "needs either `python` or `prepare`",
  });

const goal = z
  .strictObject({
    case: z.string().optional().describe("Case it holds for; all of them by default"),
    peer: z.string().optional(),
    ratio: z.number().positive().optional().describe("Greatest (our median / the peer's median)"),
    memoryRatio: z.number().positive().optional().describe("Greatest (our peak memory / the peer's)"),
    maxMs: z.number().positive().optional().describe("Greatest median of ours, in ms"),
  })
  .refine((value) => value.maxMs !== undefined || (value.peer !== undefined && (value.ratio ?? value.memoryRatio)), {
    message: "needs `maxMs`, or `peer` with `ratio` or `memoryRatio`",
  });

const schema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case"),
  title: z.string().min(1),
  ours: prepare,
  peers: z.array(peer).default([]),
  cases: z
    .array(z.strictObject({ name: z.string().min(1), params: params.default({}) }))
    .min(1)
    .default([{ name: "default", params: {} }]),
  goals: z.array(goal).default([]),
  threads: z.int().positive().default(2),
  rounds: z.int().positive().default(7),
  warmup: z.int().nonnegative().default(3),
  turnMs: z.number().positive().default(500),
  matmul: z.boolean().default(false),
  order: z.number().default(0),
});

/** What one measured run leaves; `timesMs` when the run holds several measurements of its own. */
export interface RunResult {
  readonly timesMs?: readonly number[];
}

export type Facts = Readonly<Record<string, unknown>>;

/** A prepared side: `run` is what is timed. */
export interface Subject {
  run(): unknown;
  readonly work?: { readonly amount: number; readonly unit: string };
  readonly facts?: Facts | (() => Facts | Promise<Facts>);
  close?(): unknown;
}

export type Prepare = (params: Record<string, unknown>) => Subject | Promise<Subject>;

/** A benchmark after its defaults are filled in. */
export type Definition = z.output<typeof schema>;
export type Peer = z.output<typeof peer>;
export type Goal = z.output<typeof goal>;

/** Checks a benchmark module's export. @throws PVLA_PERF_DEFINITION */
export function parseDefinition(module: unknown, file: string, expectedName: string): Definition {
  const value = (module as { perf?: unknown }).perf;
  if (value === undefined) throw badDefinition(file, "no export named `perf`");
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw badDefinition(file, `perf.${issue.path.join(".")} ${issue.message}`);
  }
  if (parsed.data.name !== expectedName)
    throw badDefinition(file, `name "${parsed.data.name}" in a file named ${expectedName}.perf.ts`);
  return parsed.data;
}
