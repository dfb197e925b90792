import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Which weights an evaluation played, and what they were trained on; kept in its `provenance.json`. */
export interface PolicyProvenance {
  readonly version: 1;
  readonly policy: {
    readonly run: string;
    readonly checkpoint: string;
    /** SHA-256 over the checkpoint's weight files, by name. */
    readonly weights: Readonly<Record<string, string>>;
  };
  /** The run's own provenance: its dataset with fingerprint, and its first weights. */
  readonly training: unknown;
}

/** Reads where a checkpoint folder's weights came from. */
export async function policyProvenance(checkpoint: string): Promise<PolicyProvenance> {
  const run = dirname(dirname(checkpoint));
  const weights: Record<string, string> = {};
  for (const name of readdirSync(checkpoint)
    .filter((each) => each.endsWith(".safetensors"))
    .sort()) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(checkpoint, name)), hash);
    weights[name] = hash.digest("hex");
  }
  const file = join(run, "provenance.json");
  const training: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
  return { version: 1, policy: { run, checkpoint: basename(checkpoint), weights }, training };
}
