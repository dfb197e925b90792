import type { MainModule } from "@mujoco/mujoco";

import type { Simulation } from "../physics/simulation.ts";

/** First hits of a set of rays; arrays are reused by the next cast. */
export interface Hits {
  /** Geom id, -1 for a miss. */
  readonly geom: Int32Array;
  /** In lengths of the ray's direction vector; -1 for a miss. */
  readonly distance: Float64Array;
  /** `[n, 3]` outward unit normals, world frame. */
  readonly normal: Float64Array;
}

/** Casts batches of rays through the scene; owns WebAssembly buffers until `dispose`. */
export class RayCaster {
  readonly #simulation: Simulation;
  readonly nRays: number;
  readonly #geom: InstanceType<MainModule["IntBuffer"]>;
  readonly #distance: InstanceType<MainModule["DoubleBuffer"]>;
  readonly #normal: InstanceType<MainModule["DoubleBuffer"]>;

  /** @param nRays size of every batch; the binding refuses buffers that are longer than the batch */
  constructor(simulation: Simulation, nRays: number) {
    const { mj } = simulation;
    this.#simulation = simulation;
    this.nRays = nRays;
    this.#geom = new mj.IntBuffer(nRays);
    this.#distance = new mj.DoubleBuffer(nRays);
    this.#normal = new mj.DoubleBuffer(3 * nRays);
  }

  /**
   * @param origin `[3]`
   * @param directions `[nRays, 3]`
   * @param groups which geom groups are solid to the rays, six flags; null for all
   */
  cast(origin: readonly number[], directions: Float64Array, groups: readonly number[] | null): Hits {
    const { mj, model, data } = this.#simulation;
    mj.mj_multiRay(
      model,
      data,
      origin as number[],
      // The typings ask for arrays where the binding takes typed arrays too, and have no null for "all groups".
      directions as unknown as number[],
      groups as number[],
      true,
      -1,
      this.#geom,
      this.#distance,
      this.#normal,
      this.nRays,
      100,
    );
    return {
      geom: this.#geom.GetView() as Int32Array,
      distance: this.#distance.GetView() as Float64Array,
      normal: this.#normal.GetView() as Float64Array,
    };
  }

  dispose(): void {
    this.#geom.delete();
    this.#distance.delete();
    this.#normal.delete();
  }
}
