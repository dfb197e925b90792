import { createHash, type Hash } from "node:crypto";

import type { Snapshot } from "../env/snapshot.ts";
import { TabletopWorld } from "../env/tabletop-world.ts";
import type { ExpertView } from "../expert/expert.ts";
import { maskFrom, type MaskSource, type MaskTime } from "../masks/mask-source.ts";
import { promptOf, type PromptKind } from "../masks/prompts.ts";
import { ACTION_WIDTH, type ActionChunk, type Observation, type Policy } from "../policies/policy.ts";
import { Renderer, type Frame } from "../render/renderer.ts";
import { episodeSpec, type EpisodeKey, type EpisodeSpec } from "../tasks/episode-spec.ts";
import { judgeOf } from "../tasks/judges.ts";
import { TASK_INFO, type Verdict } from "../tasks/task.ts";
import { perturb, stateBytes } from "../env/after-step.ts";
import { encodeLog, type EpisodeLog } from "./episode-log.ts";
import { stateVector } from "./observation.ts";
import { outcomeOf, type EpisodeResult, type Fault } from "./outcome.ts";

/** How episodes are played. */
export interface RolloutOptions {
  /** Side of the square image. */
  readonly imageSizePx: number;
  /** Steps of a chunk that are executed before the policy is asked again; at most the chunk's size. */
  readonly executeSteps: number;
  readonly maskSource: MaskSource;
  readonly maskTime: MaskTime;
  readonly promptKind: PromptKind;
  /**
   * `"limit"` plays tasks with a final rule to their last env step, as SimplerEnv does; `"settled"` ends an episode once the goal
   * has held for two env steps with the gripper off the target. Latched tasks end with their success either way.
   */
  readonly end: "limit" | "settled";
  /** Physics and rules as before each env step, for recorders; `frame` renders at the chosen size. */
  readonly onStep?: (step: StepView) => Promise<void> | void;
  /** The world after the last env step. */
  readonly onEnd?: (world: TabletopWorld) => Promise<void> | void;
}

/** The moment before an action is executed. */
export interface StepView {
  readonly spec: EpisodeSpec;
  readonly stepIndex: number;
  readonly state: Float32Array;
  /** What will be executed, `[7]`. */
  readonly action: Float32Array;
  /** The rest of the policy's chunk, this action first, `[n, 7]`; some of it may never be executed. */
  readonly intended: Float32Array;
  /** The mask the policy was last shown, `[H, W]` in {0, 1}; undefined without one. */
  readonly objectMask: Uint8Array | undefined;
  /** The world itself, for views that stream it. What is changed in it is part of the episode. */
  readonly world: TabletopWorld;
  readonly frame: () => Frame;
  readonly view: ExpertView;
}

/** Defaults of an evaluation. */
export const ROLLOUT_DEFAULTS: RolloutOptions = {
  imageSizePx: 64,
  executeSteps: 2,
  maskSource: "none",
  maskTime: "first",
  promptKind: "mask",
  end: "limit",
};

/** A result with the log that replays it. */
export interface PlayedEpisode {
  readonly result: EpisodeResult;
  readonly log: EpisodeLog;
}

/** Plays one episode. Faults of the policy or the physics end it and are reported in the result; they are not thrown. */
export async function runEpisode(policy: Policy, key: EpisodeKey, options: RolloutOptions): Promise<PlayedEpisode> {
  const startedMs = performance.now();
  const spec = episodeSpec(key);
  const world = await TabletopWorld.create(spec.scene);
  const player = new Player(policy, spec, world, options);
  try {
    const played = await player.play(startedMs);
    await options.onEnd?.(world);
    return played;
  } finally {
    player.dispose();
    world.dispose();
  }
}

const SETTLED_STEPS = 2;

/** One episode in progress. */
class Player {
  readonly #policy: Policy;
  readonly #spec: EpisodeSpec;
  readonly #world: TabletopWorld;
  readonly #options: RolloutOptions;
  readonly #start: Snapshot;
  readonly #hash: Hash = createHash("sha256");
  readonly #actions: number[] = [];
  #renderer: Renderer | undefined;
  #now: Snapshot;
  #objectMask: Uint8Array | undefined;
  #policyMs = 0;
  #nQueries = 0;
  #nClipped = 0;
  #fault: Fault | undefined;

  constructor(policy: Policy, spec: EpisodeSpec, world: TabletopWorld, options: RolloutOptions) {
    this.#policy = policy;
    this.#spec = spec;
    this.#world = world;
    this.#options = options;
    this.#start = this.#now = world.snapshot();
  }

  async play(startedMs: number): Promise<PlayedEpisode> {
    const { goal, maxSteps } = this.#spec;
    const judge = judgeOf(goal, this.#start);
    let verdict = judge.update(this.#start);
    let nSettled = 0;
    await this.#askPolicy(() => this.#policy.reset({ ...this.#context(), privileged: () => this.#view() }));
    while (!this.#failed() && this.#now.stepIndex < maxSteps) {
      const chunk = await this.#query();
      if (!chunk) break;
      const nExecute = Math.min(this.#options.executeSteps, chunk.chunkSize, maxSteps - this.#now.stepIndex);
      for (let i = 0; i < nExecute; i++) {
        await this.#execute(chunk.actions.slice(i * ACTION_WIDTH));
        if (this.#failed()) break;
        verdict = judge.update(this.#now);
        nSettled = this.#isSettled(verdict) ? nSettled + 1 : 0;
        if (this.#isOver(verdict, nSettled)) return this.#finish(verdict, startedMs);
      }
    }
    return this.#finish(verdict, startedMs);
  }

  #failed(): boolean {
    return this.#fault !== undefined;
  }

  #isSettled(verdict: Verdict): boolean {
    const { goal } = this.#spec;
    return verdict.success && ("drawer" in goal || !this.#now.graspedIds.includes(goal.targetId));
  }

  #isOver(verdict: Verdict, nSettled: number): boolean {
    if (TASK_INFO[this.#spec.task].latched) return verdict.success;
    return this.#options.end === "settled" && nSettled >= SETTLED_STEPS;
  }

  #context() {
    const { embodiment, task, variant, seed, instruction } = this.#spec;
    return { episode: { embodiment, task, variant, seed }, instruction };
  }

  #view(): ExpertView {
    return { embodiment: this.#spec.embodiment, goal: this.#spec.goal, start: this.#start, now: this.#now };
  }

  #frame(): Frame {
    this.#renderer ??= new Renderer(this.#world, this.#options.imageSizePx);
    return this.#renderer.render();
  }

  async #askPolicy<T>(ask: () => Promise<T> | T): Promise<T | undefined> {
    const before = performance.now();
    try {
      return await ask();
    } catch (error) {
      this.#fault = { kind: "policy-error", message: error instanceof Error ? error.message : String(error) };
      return undefined;
    } finally {
      this.#policyMs += performance.now() - before;
    }
  }

  async #query(): Promise<ActionChunk | undefined> {
    const observation = await this.#observe();
    this.#nQueries++;
    const chunk = await this.#askPolicy(() => this.#policy.act(observation));
    if (this.#failed()) return undefined;
    const wrong = whatIsWrong(chunk);
    if (wrong !== undefined) this.#fault = { kind: "invalid-action", message: wrong };
    return wrong === undefined ? chunk : undefined;
  }

  async #observe(): Promise<Observation> {
    const { imageSizePx, maskSource, maskTime, promptKind } = this.#options;
    const blind = this.#policy.usesImage === false;
    const frame = blind ? undefined : this.#frame();
    if (frame && (maskTime === "every" || this.#nQueries === 0))
      this.#objectMask = await maskFrom(maskSource, frame, this.#spec);
    const mask = this.#objectMask;
    const prompt = mask && promptOf(mask, imageSizePx, promptKind);
    return {
      widthPx: imageSizePx,
      heightPx: imageSizePx,
      image: frame?.image ?? new Uint8Array(3 * imageSizePx * imageSizePx),
      state: stateVector(this.#spec.embodiment, this.#now.hand),
      instruction: this.#spec.instruction,
      ...(mask ? { objectMask: mask } : {}),
      ...(prompt ? { prompt } : {}),
    };
  }

  /** Executes the first action of what is intended. */
  async #execute(intended: Float32Array): Promise<void> {
    const action = intended.slice(0, ACTION_WIDTH);
    await this.#options.onStep?.({
      spec: this.#spec,
      stepIndex: this.#now.stepIndex,
      state: stateVector(this.#spec.embodiment, this.#now.hand),
      action,
      intended,
      objectMask: this.#objectMask,
      world: this.#world,
      frame: () => this.#frame(),
      view: this.#view(),
    });
    const report = this.#world.step(action);
    this.#actions.push(...action);
    this.#nClipped += report.nClipped;
    if (report.exploded) {
      this.#fault = { kind: "exploded", message: `the state stopped being finite in env step ${this.#now.stepIndex}` };
      return;
    }
    perturb(this.#world, this.#spec);
    this.#now = this.#world.snapshot();
    this.#hash.update(stateBytes(this.#world));
  }

  #finish(verdict: Verdict, startedMs: number): PlayedEpisode {
    const fault = this.#fault;
    const { success, grasped, wrongObject } = verdict;
    const result: EpisodeResult = {
      ...this.#context().episode,
      instruction: this.#spec.instruction,
      outcome: outcomeOf(verdict, fault),
      success: success && !fault,
      grasped,
      wrongObject,
      nSteps: this.#now.stepIndex,
      nClipped: this.#nClipped,
      nQueries: this.#nQueries,
      ...(fault ? { fault } : {}),
      wallMs: performance.now() - startedMs,
      policyMs: this.#policyMs,
    };
    return { result, log: encodeLog(this.#context().episode, this.#actions, this.#hash.digest("hex")) };
  }

  dispose(): void {
    this.#renderer?.dispose();
  }
}

/** Why a chunk cannot be executed, or undefined. */
function whatIsWrong(chunk: ActionChunk | undefined): string | undefined {
  if (!chunk || !(chunk.actions instanceof Float32Array)) return "the policy returned no Float32Array of actions";
  const { chunkSize, actions } = chunk;
  if (!Number.isInteger(chunkSize) || chunkSize < 1 || actions.length !== chunkSize * ACTION_WIDTH)
    return `the policy returned ${actions.length} values for a chunk of ${chunkSize} x ${ACTION_WIDTH}`;
  const bad = actions.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    return `the policy returned ${actions[bad]!} at [${Math.floor(bad / ACTION_WIDTH)}, ${bad % ACTION_WIDTH}]`;
  return undefined;
}
