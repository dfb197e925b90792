import { episodeSpec, Renderer, runRollouts, TabletopWorld, type EpisodeKey, type RolloutPlan } from "../src/index.ts";
import { DEFAULT_NOISE } from "../src/record/noisy-expert.ts";

const key = (seed: number): EpisodeKey => ({ embodiment: "widowx", task: "pick", variant: "base", seed });

/** Recording at 64 px: physics, expert, a rendered frame with labels at every env step. */
async function recording(threads: number) {
  const nEpisodes = 40;
  let seed = 100_000;
  const plan = (): RolloutPlan => ({
    policy: { policy: "expert" },
    record: { noise: DEFAULT_NOISE },
    episodes: Array.from({ length: nEpisodes }, () => key(seed++)),
    threads,
    options: { imageSizePx: 64 },
  });
  const check = await runRollouts({ ...plan(), episodes: [key(100_000)], threads: 0 });
  if (!check[0]!.result.success) throw new Error("the expert failed on the checked episode");
  return {
    async run() {
      await runRollouts(plan());
    },
    work: { amount: nEpisodes, unit: "episode" },
  };
}

async function physics() {
  const world = await TabletopWorld.create(episodeSpec(key(0)).scene);
  const nSteps = 20;
  const action = Float32Array.of(0, 0, 0, 0, 0, 0, 1);
  return {
    run: () => {
      for (let i = 0; i < nSteps; i++) world.step(action);
    },
    work: { amount: nSteps * world.embodiment.nSubsteps, unit: "physics step" },
    close: () => world.dispose(),
  };
}

async function frames(sizePx: number) {
  const world = await TabletopWorld.create(episodeSpec(key(0)).scene);
  const renderer = new Renderer(world, sizePx);
  const nFrames = 10;
  return {
    run: () => {
      for (let i = 0; i < nFrames; i++) renderer.render();
    },
    work: { amount: nFrames, unit: "frame" },
    close: () => {
      renderer.dispose();
      world.dispose();
    },
  };
}

/** `npm run perf -- rollouts`. The goal: 300 expert episodes a minute on two cores at 64 px, so 40 in 8 s, starting workers included. */
export const perf = {
  name: "rollouts",
  title: "Tabletop: recorded expert episodes, physics and frames",
  rounds: 3,
  warmup: 1,
  cases: [
    { name: "record-1-thread", params: { part: "record", size: 1 } },
    { name: "record-2-threads", params: { part: "record", size: 2 } },
    { name: "physics", params: { part: "physics", size: 0 } },
    { name: "frame-64", params: { part: "frame", size: 64 } },
    { name: "frame-224", params: { part: "frame", size: 224 } },
  ],
  goals: [{ maxMs: 8000, case: "record-2-threads" }],
  ours({ part, size }: { part: string; size: number }) {
    if (part === "record") return recording(size);
    return part === "physics" ? physics() : frames(size);
  },
};
