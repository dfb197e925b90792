import { openCheckpoint } from "@pixelvla/data/checkpoints";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { CHECKPOINT_FILES } from "../checkpoint/train-checkpoint.ts";
import { initText } from "../init/init-text.ts";
import { matchShapes } from "../init/match-init.ts";
import { finding, type Examination } from "./examination.ts";
import type { DoctorFinding } from "./report.ts";

/** What the start covers: headers are compared, no weight is read. */
export async function checkInit({ init, built }: Examination): Promise<DoctorFinding | undefined> {
  if (init === undefined || built === undefined) return undefined;
  const average = join(init.dir, CHECKPOINT_FILES.average);
  const { tensors } = await openCheckpoint(existsSync(average) ? average : join(init.dir, CHECKPOINT_FILES.policy));
  const report = matchShapes([...built.policy.graph.parameters.values()], tensors);
  const [first = "", ...more] = initText("the start", report);
  const reason = `${first}${more.length === 0 ? "" : `; ${more.join("; ")}`}.`;
  if (report.loaded.length === 0)
    return finding("start", "fail", reason, "Choose a checkpoint trained with the same parts");
  const isDoubtful = report.mismatched.length > 0 || report.missing.some(({ nearest }) => nearest !== undefined);
  return finding("start", isDoubtful ? "warn" : "pass", reason);
}
