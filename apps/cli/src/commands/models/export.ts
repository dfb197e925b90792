import { exportModel } from "@pixelvla/segmenters";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";

export const exportCommand = defineCommand({
  meta: {
    name: "export",
    description: "Write a SAM, SAM 2 or Grounding DINO model as plain ONNX files over its own weights",
  },
  args: {
    model: { type: "positional", required: true, description: "Folder of the model, as `models pull` leaves it" },
    out: { type: "string", required: true, description: "Folder to write to" },
    slots: {
      type: "string",
      default: "8",
      description: "SAM, SAM 2: prompt slots of the decoder, one for each point, box corner and closing label -1",
    },
    width: { type: "string", default: "640", description: "Grounding DINO: width of the pictures in pixels" },
    height: { type: "string", default: "480", description: "Grounding DINO: height of the pictures in pixels" },
    tokens: { type: "string", default: "32", description: "Grounding DINO: tokens of a text, padding included" },
    ...jsonArg,
  },
  async run({ args }) {
    const report = await exportModel(args.model, args.out, {
      slots: wholeNumber("--slots", args.slots),
      tokens: wholeNumber("--tokens", args.tokens),
      picture: { widthPx: wholeNumber("--width", args.width), heightPx: wholeNumber("--height", args.height) },
    });
    printResult(args.json, { ...report, out: args.out }, () => `${args.out}: ${report.files.join(", ")}`);
  },
});
