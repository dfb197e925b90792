import { InferenceSession, Tensor } from "onnxruntime-node";
import { onnxFileUnreadable, runFailed } from "../errors.ts";
import { serveWorker, Transferred } from "../worker/serve-worker.ts";
import type { FileTensor, OnnxFileSettings, OnnxSignature, OnnxValue } from "./onnx-file.ts";

/** Worker thread of one model file: `open`, then any number of `run`s. */
let session: InferenceSession | undefined;

serveWorker({
  async open({ path, provider, threads }: OnnxFileSettings): Promise<OnnxSignature> {
    try {
      session = await InferenceSession.create(path, {
        executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
        logSeverityLevel: 4,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      });
    } catch (error) {
      throw onnxFileUnreadable(path, firstLine(error), error);
    }
    return { inputs: session.inputMetadata.map(valueOf), outputs: session.outputMetadata.map(valueOf) };
  },
  async run({ feeds, outputs: wanted }: { feeds: Record<string, FileTensor>; outputs: readonly string[] | undefined }) {
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new Tensor(type as "float32", data as Float32Array, dims),
      ]),
    );
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await (wanted === undefined ? session!.run(inputs) : session!.run(inputs, [...wanted]));
    } catch (error) {
      throw runFailed(firstLine(error), error);
    }
    const outputs: Record<string, FileTensor> = {};
    for (const [name, value] of Object.entries(results)) {
      const { type, data, dims } = value;
      outputs[name] = { type, data: data as Float32Array, dims: [...dims] };
    }
    const buffers = [...new Set(Object.values(outputs).map(({ data }) => data.buffer as ArrayBuffer))];
    return new Transferred(outputs, buffers);
  },
  async close() {
    await session?.release();
  },
});

function valueOf(value: InferenceSession.ValueMetadata): OnnxValue {
  if (!value.isTensor) return { name: value.name, type: "other", shape: [] };
  return { name: value.name, type: value.type, shape: value.shape.map((size) => size) };
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
