import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecipeInput } from "@pixelvla/core";
import { expect, test } from "vitest";
import { checkRecipe, doctorText, examineRun, refuseFailures, type DoctorReport } from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

const dataset = bridgeFolder();
const examine = (recipe: RecipeInput, options: { overfit?: boolean } = {}): Promise<DoctorReport> =>
  examineRun({ recipe: checkRecipe(recipe), dataset: dataset!, maxEpisodes: 3, ...options });
const found = (report: DoctorReport, name: string) => report.findings.find((finding) => finding.name === name);

test.skipIf(dataset === undefined)(
  "a sound recipe on real data passes, both halves, and one batch can be learned",
  async () => {
    const report = await examine(smallestRecipe({ optimizer: { learningRate: 3e-3 }, data: { split: null } }), {
      overfit: true,
    });
    expect(report.findings.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(found(report, "gripper")!.half).toBe("data");
    expect(found(report, "parts")).toMatchObject({ half: "training", verdict: "pass" });
    expect(found(report, "geometry")!.reason).toMatch(/^\d+ x \d+ pictures become 32 x 32 \(squash\)\.$/);
    expect(found(report, "overfit")!.reason).toMatch(
      /^One batch: loss [\d.]+ to [\d.]+ in \d+ train steps of \d+ ms\.$/,
    );
    expect(found(report, "overfit")!.verdict).toBe("pass");
    expect(() => refuseFailures(report, false)).not.toThrow();
    expect(doctorText(report)).toContain("pass  prompt");
  },
);

test.skipIf(dataset === undefined)(
  "what would ruin a run silently fails, by name and with the remedy, and refuses the launch",
  async () => {
    const wide = await examine({ ...smallestRecipe(), actionDim: 6 });
    expect(found(wide, "widths")).toMatchObject({ verdict: "fail", fix: "Set actionDim to 7" });
    expect(() => refuseFailures(wide, false)).toThrow(
      expect.objectContaining({
        code: "PVLA_DOCTOR",
        message: expect.stringContaining("--launch-over-fail") as string,
      }),
    );
    expect(() => refuseFailures(wide, true)).not.toThrow();

    const short = await examine({ ...smallestRecipe(), text: { ...smallestRecipe().text, maxTokens: 3 } });
    expect(found(short, "prompt")).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("text.maxTokens") as string,
    });

    const blind = await examine({
      ...smallestRecipe({ stage: "stage2" }),
      text: { ...smallestRecipe().text, template: "{instruction}" },
    });
    expect(found(blind, "prompt")!.reason).toBe(
      "The template never says {annotations}, so the policy would not get it.",
    );
    expect(found(blind, "masks")!.reason).toMatch(/^The recipe needs masks: /);

    const lost = await examine(smallestRecipe({ init: join(mkdtempSync(join(tmpdir(), "pixelvla-doctor-")), "gone") }));
    expect(found(lost, "start")).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("no such folder") as string,
    });
    expect(lost.verdict).toBe("fail");
  },
);
