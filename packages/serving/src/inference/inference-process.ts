import { pixelVlaError } from "@pixelvla/core";
import type { ServedPolicy } from "../policy/served-policy.ts";
import { InferenceWorker } from "./inference-worker.ts";
import type { FromInference, InferenceSetup, ToInference } from "./messages.ts";
import { sendFailure } from "./sent-failure.ts";

/**
 * Main module of the inference process: the policy, its engine and the prompt models live here, so that a crash of any of them leaves
 * the server and its connections alone.
 */
let worker: InferenceWorker | undefined;

const send = (message: FromInference) => void process.send?.(message);

async function open(setup: InferenceSetup): Promise<void> {
  const policy = await openPolicy(setup);
  worker = new InferenceWorker(policy, setup);
  const begunMs = performance.now();
  await worker.warmUp();
  send({ type: "ready", info: policy.info, warmUpMs: performance.now() - begunMs });
}

/** Only what the policy needs is loaded: a module's start takes a fraction of a graph's. */
async function openPolicy({ policy, provider, threads, maxBatch }: InferenceSetup): Promise<ServedPolicy> {
  if (policy.kind === "module") {
    const { openModulePolicy } = await import("../policy/module-policy.ts");
    return openModulePolicy(policy.path, policy.options);
  }
  const [{ openGraphSource }, { GraphPolicy }] = await Promise.all([
    import("../policy/open-source.ts"),
    import("../policy/graph-policy.ts"),
  ]);
  const { path, overrides, statistics } = policy;
  const source = openGraphSource(path, { overrides, ...(statistics === undefined ? {} : { statistics }) });
  return GraphPolicy.open(source, {
    provider: provider as "cpu",
    ...(threads === undefined ? {} : { threads }),
    ...(maxBatch === undefined ? {} : { maxBatch }),
  });
}

process.on("message", (message: ToInference) => {
  switch (message.type) {
    case "open":
      open(message.setup).catch((error: unknown) => {
        send({ type: "failed", error: sendFailure(error) });
      });
      return;
    case "infer":
      void (
        worker === undefined
          ? Promise.resolve(message.requests.map(() => ({ ok: false as const, error: sendFailure(notOpen()) })))
          : worker.infer(message.requests)
      ).then((results) => send({ type: "results", batchId: message.batchId, results }));
      return;
    case "forget":
      worker?.forget(message.session);
      return;
    case "close":
      void (worker?.close() ?? Promise.resolve()).finally(() => process.exit(0));
  }
});

const notOpen = () => pixelVlaError("PVLA_INTERNAL", { doing: "internal: inference", found: "no policy is open yet" });

// The server decides when to end; a Ctrl-C in the terminal reaches the whole process group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("disconnect", () => process.exit(0));
