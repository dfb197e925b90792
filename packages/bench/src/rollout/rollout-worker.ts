import { parentPort, workerData } from "node:worker_threads";

import { PixelVlaError } from "@pixelvla/core";

import { loadPolicy } from "../policies/load-policy.ts";
import type { ActionChunk, Policy } from "../policies/policy.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./messages.ts";
import { runEpisode } from "./run-episode.ts";

const port = parentPort!;
const { policySpec, remote, options } = workerData as WorkerSetup;
const send = (message: FromWorker) => port.postMessage(message);

let answer: { resolve: (chunk: ActionChunk | undefined) => void; reject: (error: Error) => void } | undefined;

function ask(message: FromWorker): Promise<ActionChunk | undefined> {
  return new Promise((resolve, reject) => {
    answer = { resolve, reject };
    send(message);
  });
}

/** Stands in for the main thread's policy. */
function remotePolicy({ name, usesImage }: { name: string; usesImage: boolean }): Policy {
  return {
    name,
    usesImage,
    async reset({ episode, instruction }) {
      await ask({ type: "reset", context: { episode, instruction } });
    },
    async act(observation) {
      return (await ask({ type: "act", observation })) as ActionChunk;
    },
  };
}

async function main(): Promise<void> {
  const policy = policySpec ? await loadPolicy(policySpec) : remotePolicy(remote!);
  port.on("message", (message: ToWorker) => {
    if (message.type === "answer") {
      if (message.error === undefined) answer?.resolve(message.chunk);
      else answer?.reject(new Error(message.error));
      return;
    }
    runEpisode(policy, message.key, options).then((played) => send({ type: "played", played }), fail);
  });
  send({ type: "ready" });
}

function fail(error: unknown): void {
  const code = error instanceof PixelVlaError ? error.code : "PVLA_BENCH_WORKER";
  send({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
}

main().catch(fail);
