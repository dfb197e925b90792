import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { exportModel, openGroundingDino, openModelFolder } from "../src/index.ts";
import { groundingDinoExportPrograms } from "../src/grounding-dino/export.ts";
import { groundingDinoNames } from "../src/grounding-dino/names.ts";
import { sam2Names } from "../src/sam2/checkpoint-tensors.ts";
import { parseSam2Config } from "../src/sam2/parse-config.ts";
import { sam2ExportPrograms } from "../src/sam2/export.ts";
import { expectFileEqualsProgram } from "./plain-onnx.ts";
import { unpackModel } from "./sam2-golden.ts";

const TIMEOUT_MS = 240_000;
const scratch = await mkdtemp(join(tmpdir(), "pixelvla-plain-onnx-"));
afterAll(() => rm(scratch, { recursive: true, force: true }));

interface Signature {
  readonly inputs: Readonly<Record<string, readonly [string, ...number[]]>>;
}

describe("exported models run without us and give what the programs give", () => {
  test.each(["sam2-one-head", "sam2-two-heads"])(
    "%s: pictures, clicks, masks and video memory",
    async (name) => {
      const model = await unpackModel(name);
      const out = join(scratch, name);
      const { files } = await exportModel(model.path, out, { slots: 4 });
      const folder = await openModelFolder(model.path);
      const config = parseSam2Config(JSON.parse(await readFile(join(model.path, "config.json"), "utf8")));
      const programs = sam2ExportPrograms(config, 4);
      expect(Object.keys(programs)).toHaveLength(4 + config.memory!.nSlots);
      expect(files).toEqual([
        ...Object.keys(programs),
        "model.safetensors",
        "signatures.json",
        "config.json",
        "preprocessor_config.json",
      ]);
      for (const [file, program] of Object.entries(programs))
        await expectFileEqualsProgram(out, file, program, folder, sam2Names);
      const signatures = JSON.parse(await readFile(join(out, "signatures.json"), "utf8")) as Record<string, Signature>;
      expect(signatures["decoder.onnx"]!.inputs["points"]).toEqual(["float32", 1, 4, 2]);
      await model.remove();
    },
    TIMEOUT_MS,
  );

  test(
    "Grounding DINO: picture, text and detection, with the geometry inside",
    async () => {
      const path = fileURLToPath(new URL("golden/grounding-dino-single", import.meta.url));
      const out = join(scratch, "grounding-dino");
      const sizes = { picture: { widthPx: 160, heightPx: 120 }, tokens: 16 };
      const { files } = await exportModel(path, out, sizes);
      const model = await openGroundingDino(path);
      const programs = groundingDinoExportPrograms(model, sizes);
      expect(files.slice(0, 4)).toEqual(["image.onnx", "text.onnx", "detect.onnx", "model.safetensors"]);
      for (const [file, program] of Object.entries(programs))
        await expectFileEqualsProgram(out, file, program, model.folder, groundingDinoNames);
      const signatures = JSON.parse(await readFile(join(out, "signatures.json"), "utf8")) as Record<string, Signature>;
      expect(Object.keys(signatures["detect.onnx"]!.inputs)).toEqual([
        "vision",
        "text",
        "textPositions",
        "textAttention",
        "textMask",
      ]);
    },
    TIMEOUT_MS,
  );
});

test("a model of another family is refused with the families that are known", async () => {
  const model = await unpackModel("sam2-one-head");
  await writeFile(join(model.path, "config.json"), '{"model_type": "dinov2"}');
  await expect(exportModel(model.path, join(scratch, "other"))).rejects.toMatchObject({
    code: "PVLA_MODEL_EXPORT",
    message: expect.stringContaining('type "dinov2"') as string,
  });
  await model.remove();
});
