import { parentPort, workerData } from "node:worker_threads";

import { PixelVlaError } from "@pixelvla/core";

import { loadPolicy } from "../policies/load-policy.ts";
import type { ActionChunk, Policy } from "../policies/policy.ts";
import { recordEpisode } from "../record/record-episode.ts";
import type { EpisodeKey } from "../tasks/episode-spec.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./messages.ts";
import { runEpisode } from "./run-episode.ts";

const port = parentPort!;
const { policySpec, remote, record, options } = workerData as WorkerSetup;
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

async function play(policy: Policy, key: EpisodeKey): Promise<FromWorker> {
  if (!record) return { type: "played", played: await runEpisode(policy, key, options) };
  return { type: "played", ...(await recordEpisode(key, { imageSizePx: options.imageSizePx, ...record })) };
}

async function main(): Promise<void> {
  const policy = policySpec ? await loadPolicy(policySpec) : remotePolicy(remote!);
  port.on("message", (message: ToWorker) => {
    if (message.type === "answer") {
      if (message.error === undefined) answer?.resolve(message.chunk);
      else answer?.reject(new Error(message.error));
      return;
    }
    play(policy, message.key).then(send, fail);
  });
  send({ type: "ready" });
}

function fail(error: unknown): void {
  const code = error instanceof PixelVlaError ? error.code : "PVLA_BENCH_WORKER";
  send({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
}

main().catch(fail);
