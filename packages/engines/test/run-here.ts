import { extractProgram, type Graph, type HostArray, type Tensor } from "@pixelvla/core";
import type { CompileOptions } from "../src/index.ts";
import { OrtSession, type SessionSettings } from "../src/onnxruntime/ort-session.ts";
import { placeModel } from "../src/onnxruntime/placed-model.ts";
import { loadBackend } from "../src/tfjs/backends.ts";
import { Interpreter } from "../src/tfjs/interpreter.ts";
import { wireProgram } from "../src/tfjs/wire-program.ts";

/** Runs something compiled, in this thread: thousands of tiny programs would spend their time on worker start-up. */
export interface Runner {
  run(feeds: Record<string, HostArray>): Promise<Record<string, HostArray>>;
  dispose(): Promise<void>;
}

const SETTINGS: SessionSettings = { provider: "cpu", threads: 1, widenWeights: "once" };

export async function onnxruntimeHere(
  g: Graph,
  outputs: Record<string, Tensor>,
  options: CompileOptions = {},
): Promise<Runner> {
  const model = placeModel(extractProgram(g, outputs), options);
  const session = await OrtSession.create(model, SETTINGS);
  return { run: (feeds) => session.run(feeds), dispose: () => session.dispose() };
}

let wasm: Promise<void> | undefined;

export async function tfjsHere(
  g: Graph,
  outputs: Record<string, Tensor>,
  options: CompileOptions = {},
): Promise<Runner> {
  wasm ??= loadBackend("tfjs-wasm");
  await wasm;
  const interpreter = new Interpreter(wireProgram(extractProgram(g, outputs), options));
  return {
    run: (feeds) => interpreter.run(feeds),
    dispose() {
      interpreter.dispose();
      return Promise.resolve();
    },
  };
}
