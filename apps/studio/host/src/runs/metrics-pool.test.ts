import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MetricsPool } from "./metrics-pool.ts";

const gone = expect.objectContaining({
  code: "PVLA_STUDIO_THREAD",
  message: expect.stringContaining("it was closed") as string,
}) as Error;

test("closing during a question tells the one who asked, as do questions after it; no thread starts again", async () => {
  const dir = mkdtempSync(join(tmpdir(), "metrics-pool-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "metrics.jsonl");
  writeFileSync(
    path,
    Array.from({ length: 200_000 }, (_, step) => `{"step":${step},"loss":${1 / (step + 1)}}\n`).join(""),
  );
  const pool = new MetricsPool(join(dir, "store"));
  const question = { files: [{ runId: "a", path }], keys: ["loss"], axis: "step" as const };
  const asked = expect(pool.ask("extents", question)).rejects.toThrow(gone);
  await new Promise((later) => setTimeout(later, 50));
  await pool.close();
  await asked;
  await expect(pool.ask("extents", question)).rejects.toThrow(gone);
});
