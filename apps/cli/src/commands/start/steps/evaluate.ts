import { ROLLOUT_DEFAULTS } from "@pixelvla/bench";
import { readStatus } from "@pixelvla/jobs";
import { evaluatePolicy } from "@pixelvla/sweeps";
import { EXECUTE_STEPS, FIRST_SEED, episodeCount, evaluationsOf, type Evaluation } from "../arms.ts";
import { EMBODIMENT, IMAGE_PX } from "../plan.ts";
import type { MainStep, StepContext } from "../step.ts";

const POLL_MS = 500;

/** Plays base and PixelVLA in closed loop on the same layouts, as many jobs side by side as there are workers. */
export const evaluateStep: MainStep = {
  name: "evaluate",
  title: "evaluate in closed loop",
  plannedS: (plan) => (allEpisodes(plan) * 0.8) / plan.workers + 8,
  artefact: ({ evaluation }) => evaluation("base"),
  async run(context) {
    const { plan } = context;
    const jobs = evaluationsOf(plan);
    const total = allEpisodes(plan);
    const stopShowing = showProgress(context, jobs, total);
    try {
      const queue = [...jobs];
      const worker = async () => {
        for (let job = queue.shift(); job !== undefined; job = queue.shift()) await play(job, context);
      };
      await Promise.all(Array.from({ length: plan.workers }, worker));
    } finally {
      stopShowing();
    }
    context.signal.throwIfAborted();
    return [`${total} episodes, layouts from seed ${FIRST_SEED}, the same for every arm`];
  },
};

const allEpisodes = (plan: StepContext["plan"]): number =>
  evaluationsOf(plan).reduce((sum, job) => sum + episodeCount(job), 0);

async function play({ id, arm, tasks, variants }: Evaluation, { plan, paths, signal }: StepContext): Promise<void> {
  if (signal.aborted) return;
  const policy = arm.policy(plan, paths);
  await evaluatePolicy(
    paths.evaluation(id),
    policy,
    {
      id,
      kind: "evaluate",
      needs: [],
      policy: { init: policy },
      options: {
        ...ROLLOUT_DEFAULTS,
        imageSizePx: IMAGE_PX,
        executeSteps: EXECUTE_STEPS,
        maskSource: arm.maskSource,
        maskTime: "first",
      },
      embodiment: EMBODIMENT,
      tasks: [...tasks],
      variants: [...variants],
      firstSeed: FIRST_SEED,
    },
    signal,
  );
}

/** Sums the jobs' own progress files: they tell of episodes as they end. Returns what ends it. */
function showProgress({ paths, progress }: StepContext, jobs: readonly Evaluation[], total: number): () => void {
  const look = async () => {
    const done = await Promise.all(
      jobs.map(({ id }) =>
        readStatus(paths.evaluation(id)).then(
          (status) => status.progress.done,
          () => 0, // not begun
        ),
      ),
    );
    progress({ done: done.reduce((sum, n) => sum + n, 0), total, unit: "episodes" });
  };
  const timer = setInterval(() => void look(), POLL_MS);
  return () => clearInterval(timer);
}
