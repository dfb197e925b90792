import { Graph, PixelVlaError, add, extractProgram } from "@pixelvla/core";
import type { ProviderName } from "../engine.ts";
import { OrtSession } from "./ort-session.ts";
import { placeModel } from "./placed-model.ts";

/** Child process of device discovery: adds two numbers on the provider named by its argument and says how it went. */
const provider = process.argv[2] as ProviderName;
const g = new Graph();
const x = g.input("x", "float32", [1]);
const model = placeModel(extractProgram(g, { y: add(x, x) }), {});
try {
  const session = await OrtSession.create(model, { provider, threads: 1, widenWeights: "once" });
  const { y } = await session.run({ x: Float32Array.of(2) });
  const right = y?.[0] === 4;
  console.log(JSON.stringify({ present: right, detail: right ? "adds correctly" : `2 + 2 gave ${String(y?.[0])}` }));
} catch (error) {
  const detail = error instanceof PixelVlaError ? String(error.facts["found"]) : String(error);
  console.log(JSON.stringify({ present: false, detail }));
}
process.exit(0);
