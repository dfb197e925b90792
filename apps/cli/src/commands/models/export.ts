import { exportSam } from "@pixelvla/segmenters";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";

export const exportCommand = defineCommand({
  meta: {
    name: "export",
    description: "Write a SAM model as plain ONNX: encoder.onnx, decoder.onnx and their weights",
  },
  args: {
    model: { type: "positional", required: true, description: "Folder of a SAM model, as `models pull` leaves it" },
    out: { type: "string", required: true, description: "Folder to write to" },
    slots: {
      type: "string",
      default: "8",
      description: "Prompt slots of the decoder: one for each point, box corner and closing label -1",
    },
    ...jsonArg,
  },
  async run({ args }) {
    const report = await exportSam(args.model, args.out, { slots: wholeNumber("--slots", args.slots) });
    printResult(args.json, { ...report, out: args.out }, () => `${args.out}: ${report.files.join(", ")}`);
  },
});
