import loadMujoco, { type MainModule, type MjData, type MjModel } from "@mujoco/mujoco";

import type { World } from "../scene/mjcf.ts";

let loading: Promise<MainModule> | undefined;

/** The MuJoCo module of this thread, loaded once. */
export function mujoco(): Promise<MainModule> {
  loading ??= loadMujoco();
  return loading;
}

/** Two geoms pushing against each other; indices into `World.geoms`. */
export interface TouchingPair {
  readonly geom1: number;
  readonly geom2: number;
  /** Size of the contact force, newton, and its direction on geom2 in the world frame (unit vector). */
  readonly forceN: number;
  readonly direction: readonly [number, number, number];
}

/** Contact forces below this are touches without load. */
const MIN_FORCE_N = 1e-4;

/** A compiled scene and its state, in WebAssembly memory until `dispose`. */
export class Simulation {
  readonly mj: MainModule;
  readonly model: MjModel;
  readonly data: MjData;
  readonly nActuators: number;
  readonly #force: InstanceType<MainModule["DoubleBuffer"]>;
  #disposed = false;

  private constructor(mj: MainModule, world: World) {
    this.mj = mj;
    this.model = mj.MjModel.from_xml_string(world.xml)!;
    this.data = new mj.MjData(this.model);
    this.#force = new mj.DoubleBuffer(6);
    this.nActuators = this.model.nu;
    mj.mj_forward(this.model, this.data);
  }

  static async create(world: World): Promise<Simulation> {
    return new Simulation(await mujoco(), world);
  }

  /** Live views of the state; fetch again after anything was allocated in WebAssembly memory. */
  get qpos(): Float64Array {
    return this.data.qpos as Float64Array;
  }
  get qvel(): Float64Array {
    return this.data.qvel as Float64Array;
  }
  get ctrl(): Float64Array {
    return this.data.ctrl as Float64Array;
  }

  /** Advances `nSubsteps` physics steps with the present controls. */
  step(nSubsteps: number): void {
    for (let i = 0; i < nSubsteps; i++) this.mj.mj_step(this.model, this.data);
  }

  /** Recomputes positions after the state was written by hand. */
  forward(): void {
    this.mj.mj_forward(this.model, this.data);
  }

  /** Whether every coordinate is a finite number of a sane size (10 metres, 1,000 m/s). */
  isSane(): boolean {
    for (const value of this.qpos) if (!(Math.abs(value) < 10)) return false;
    for (const value of this.qvel) if (!(Math.abs(value) < 1000)) return false;
    return true;
  }

  /** Every loaded contact of this moment. */
  contacts(): TouchingPair[] {
    const pairs: TouchingPair[] = [];
    const list = this.data.contact;
    for (let i = 0; i < this.data.ncon; i++) {
      const contact = list.get(i)!;
      if (contact.efc_address >= 0) {
        this.mj.mj_contactForce(this.model, this.data, i, this.#force);
        const f = this.#force.GetView() as Float64Array; // normal, two tangents, in the contact frame
        const frame = contact.frame as ArrayLike<number>; // rows: normal (from geom1 to geom2), tangents
        const world = [0, 1, 2].map(
          (axis) => f[0]! * frame[axis]! + f[1]! * frame[3 + axis]! + f[2]! * frame[6 + axis]!,
        );
        const forceN = Math.hypot(world[0]!, world[1]!, world[2]!);
        if (forceN > MIN_FORCE_N)
          pairs.push({
            geom1: contact.geom1,
            geom2: contact.geom2,
            forceN,
            direction: [world[0]! / forceN, world[1]! / forceN, world[2]! / forceN],
          });
      }
      contact.delete();
    }
    list.delete();
    return pairs;
  }

  /** Frees the WebAssembly memory. The simulation is unusable afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#force.delete();
    this.data.delete();
    this.model.delete();
  }
}
