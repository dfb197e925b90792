import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { PixelVlaError } from "@pixelvla/core";
import type { DoctorCheck } from "@pixelvla/studio-contract";
import { z } from "zod";
import { doctorDied } from "../errors.ts";

/** What the doctor is asked about. Overrides are `path=value`, the value YAML. */
export interface DoctorQuestion {
  readonly recipeFile: string;
  /** Dataset folder. */
  readonly dataset: string;
  readonly overrides: readonly string[];
}

/** Nothing that a person waits for takes as long. */
const TIMEOUT_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 4 << 20;
const MAX_HEAP_MB = 4096;

const reportSchema = z.object({
  findings: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(["pass", "warn", "fail"]),
      reason: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

const lineSchema = z.union([
  z.object({ type: z.literal("message"), text: z.string() }),
  z.object({
    error: z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()).default({}) }),
  }),
]);

/**
 * Runs `pixelvla doctor` in a process of its own, the one that every launch runs: it computes for seconds, reads somebody's recipe, and is
 * killed when nobody waits for it any more. Yields what it looks at; the findings are the generator's return value.
 * @throws what the command reports, e.g. PVLA_DATA_* for a dataset that cannot be opened; PVLA_STUDIO_DOCTOR_GONE when it ends without a word
 */
export async function* runDoctor(
  [program = "", ...first]: readonly string[],
  { recipeFile, dataset, overrides }: DoctorQuestion,
  cwd: string,
  signal: AbortSignal,
): AsyncGenerator<string, DoctorCheck[]> {
  signal.throwIfAborted();
  const changes = overrides.map((change) => `--set=${change}`);
  const child = spawn(program, [...first, "doctor", recipeFile, `--dataset=${dataset}`, ...changes, "--json"], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: `--max-old-space-size=${MAX_HEAP_MB}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    killSignal: "SIGKILL", // it may be in the middle of a long computation, and it writes nothing
    windowsHide: true,
  });
  const ended = once(child, "close").catch(() => undefined); // "error" comes instead where it cannot be started
  child.on("error", () => undefined); // told below, by its silence
  try {
    const output = collect(child.stdout);
    let failure: PixelVlaError | undefined;
    for await (const text of createInterface({ input: child.stderr })) {
      const line = lineSchema.safeParse(parsed(text));
      if (!line.success) continue; // a warning of the runtime
      if ("error" in line.data) {
        const { code, message, facts } = line.data.error;
        failure = new PixelVlaError(code, message, facts);
      } else yield line.data.text;
    }
    await ended;
    signal.throwIfAborted();
    if (failure !== undefined) throw failure;
    const report = reportSchema.safeParse(parsed(await output));
    if (!report.success) throw doctorDied();
    return report.data.findings.map(({ name, verdict, reason, fix }) => ({
      check: name,
      level: verdict,
      message: reason,
      ...(fix === undefined ? {} : { fix }),
    }));
  } finally {
    child.kill("SIGKILL");
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let nBytes = 0;
  for await (const part of stream) if ((nBytes += part.length) <= MAX_OUTPUT_BYTES) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
