import { setTimeout as sleep } from "node:timers/promises";

/** The runner's own tests measure this: ours sleeps 5 ms, the peer 20 ms, and a second peer fails. */
export const perf = {
  name: "sleeper",
  title: "Sleeping",
  cases: [{ name: "short", params: { factor: 1 } }],
  peers: [
    { name: "slow", params: { factor: 4 }, prepare: ({ factor }: { factor: number }) => sleeper(factor) },
    { name: "broken", prepare: () => ({ run: () => Promise.reject(new Error("no such thing")) }) },
  ],
  goals: [
    { peer: "slow", ratio: 0.9 },
    { peer: "slow", memoryRatio: 1e-6 },
  ],
  ours: ({ factor }: { factor: number }) => sleeper(factor),
};

function sleeper(factor: number) {
  const facts = { factor, runs: 0 };
  return {
    run: async () => {
      facts.runs++;
      await sleep(5 * factor);
    },
    work: { amount: 1000, unit: "sheep" },
    facts: () => facts,
  };
}
