import type { Simulation } from "../physics/simulation.ts";

/** Whether rays from one point can meet any of some geoms: a test against their bounding spheres, cheap beside a cast. */
export class BoundingCones {
  readonly #simulation: Simulation;
  readonly #geoms: readonly number[];
  /** Per geom: unit direction to its centre, cosine of the cone's half angle. */
  readonly #cones: Float64Array;

  constructor(simulation: Simulation, geoms: readonly number[]) {
    this.#simulation = simulation;
    this.#geoms = geoms;
    this.#cones = new Float64Array(4 * geoms.length);
  }

  /** Takes the geoms' present places as seen from `origin`; cones are widened by `marginRad`. */
  lookFrom(origin: readonly number[], marginRad: number): void {
    const centres = this.#simulation.data.geom_xpos as Float64Array;
    const radii = this.#simulation.model.geom_rbound as Float64Array;
    this.#geoms.forEach((geom, i) => {
      const x = centres[3 * geom]! - origin[0]!;
      const y = centres[3 * geom + 1]! - origin[1]!;
      const z = centres[3 * geom + 2]! - origin[2]!;
      const distance = Math.sqrt(x * x + y * y + z * z);
      this.#cones[4 * i] = x / distance;
      this.#cones[4 * i + 1] = y / distance;
      this.#cones[4 * i + 2] = z / distance;
      const sine = radii[geom]! / distance;
      const angle = sine >= 1 ? Math.PI : Math.asin(sine) + marginRad;
      this.#cones[4 * i + 3] = Math.cos(Math.min(Math.PI, angle));
    });
  }

  /** Whether the unit direction lies in any cone. */
  contains(x: number, y: number, z: number): boolean {
    const cones = this.#cones;
    for (let i = 0; i < cones.length; i += 4)
      if (cones[i]! * x + cones[i + 1]! * y + cones[i + 2]! * z >= cones[i + 3]!) return true;
    return false;
  }
}
