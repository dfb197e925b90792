import { EMBODIMENTS, type Embodiment } from "../embodiments/embodiment.ts";
import { Simulation } from "../physics/simulation.ts";
import { buildWorld, type World } from "../scene/mjcf.ts";
import { eulerFromMatrix, matrixFromEuler, multiply, wrapAngle, type Matrix3 } from "../scene/rotation.ts";
import { DRAWERS, type DrawerName, type SceneSpec } from "../scene/scene-spec.ts";
import { graspedObjects, touchesOf } from "./grasp.ts";
import { GripperDrive } from "./gripper-drive.ts";
import { extentsOf, type ObjectState, type Snapshot } from "./snapshot.ts";

const N_HAND_JOINTS = 8;
/** Where the commanded pose may go: metres around the table's middle, radians about upright. */
const REACH = { x: [-0.22, 0.3], y: [-0.27, 0.27], z: [0.0165, 0.36], tiltRad: 0.6, yawRad: 2.8 } as const;
const RAMP_EVERY = 4;
const CHECK_EVERY = 20;
/** Physics time after which a freshly built scene is at rest. */
const SETTLE_S = 0.1;

/** What came of one env step. */
export interface StepReport {
  /** How many of the seven values were outside the accepted range and cut off. */
  readonly nClipped: number;
  /** The state became NaN or flew apart; the episode cannot go on. */
  readonly exploded: boolean;
}

/** A scene that moves: physics, the gripper's controller, and what rules and expert may see. Holds WebAssembly memory until `dispose`. */
export class TabletopWorld {
  readonly scene: SceneSpec;
  readonly embodiment: Embodiment;
  readonly world: World;
  readonly simulation: Simulation;
  readonly #drive: GripperDrive;
  readonly #command = new Float64Array(6); // x y z yaw pitch roll
  #stepIndex = 0;

  private constructor(scene: SceneSpec, world: World, simulation: Simulation) {
    this.scene = scene;
    this.world = world;
    this.simulation = simulation;
    this.embodiment = EMBODIMENTS[scene.embodiment];
    this.#drive = new GripperDrive(this.embodiment.gripper);
    this.#start();
  }

  static async create(scene: SceneSpec): Promise<TabletopWorld> {
    const world = buildWorld(scene);
    return new TabletopWorld(scene, world, await Simulation.create(world));
  }

  #start(): void {
    const { qpos, ctrl } = this.simulation;
    this.#command.set(this.scene.startPositionM);
    ctrl.set(this.#command);
    for (const finger of [6, 7]) ctrl[finger] = qpos[finger] = this.embodiment.fingerTravelM;
    if (this.scene.drawerOpeningsM)
      DRAWERS.forEach((name, i) => (qpos[N_HAND_JOINTS + i] = this.scene.drawerOpeningsM![name]));
    this.simulation.forward();
    this.simulation.step(Math.round(SETTLE_S / this.embodiment.timestepS));
  }

  get stepIndex(): number {
    return this.#stepIndex;
  }

  /**
   * Executes one action for one env step.
   *
   * @param action `[7]`, finite: dx dy dz (metres), droll dpitch dyaw (radians, base axes), gripper (1 open, 0 closed)
   */
  step(action: Float32Array): StepReport {
    const { embodiment, simulation } = this;
    let nClipped = 0;
    const limited = Array.from(action, (value, i) => {
      const limit = i < 3 ? embodiment.maxDeltaM : i < 6 ? embodiment.maxDeltaRad : 1;
      const low = i === 6 ? 0 : -limit;
      // A float32 at the limit may lie a rounding error beyond it.
      if (value < low - 1e-6 || value > limit + 1e-6) nClipped++;
      return Math.min(limit, Math.max(low, value));
    });
    const previous = Float64Array.from(this.#command);
    this.#setCommand(limited);
    const open = this.#drive.next(limited[6]!);
    const exploded = !this.#run(previous, open ? embodiment.fingerTravelM : -0.004, simulation.ctrl);
    this.#stepIndex++;
    return { nClipped, exploded };
  }

  #setCommand(action: readonly number[]): void {
    const command = this.#command;
    const reference =
      this.embodiment.deltaReference === "commanded" ? command : Float64Array.from(this.simulation.qpos.subarray(0, 6));
    (["x", "y", "z"] as const).forEach((axis, i) => {
      const [low, high] = REACH[axis];
      command[i] = Math.min(high, Math.max(low, reference[i]! + action[i]!));
    });
    const current = matrixFromEuler(reference[5]!, reference[4]!, reference[3]!);
    const turned = multiply(matrixFromEuler(action[3]!, action[4]!, action[5]!), current);
    const { rollRad, pitchRad, yawRad } = eulerFromMatrix(turned);
    const clamp = (value: number, limit: number) => Math.min(limit, Math.max(-limit, value));
    command[3] = clamp(reference[3]! + wrapAngle(yawRad - reference[3]!), REACH.yawRad);
    command[4] = clamp(pitchRad, REACH.tiltRad);
    command[5] = clamp(rollRad, REACH.tiltRad);
  }

  /** Ramps the drives to the new command; false when the state is no longer sane. */
  #run(previous: Float64Array, fingerTargetM: number, ctrl: Float64Array): boolean {
    const { nSubsteps, nRampSubsteps } = this.embodiment;
    ctrl[6] = ctrl[7] = fingerTargetM;
    for (let substep = 0; substep < nSubsteps; substep++) {
      if (substep < nRampSubsteps && substep % RAMP_EVERY === 0) {
        const share = Math.min(1, (substep + RAMP_EVERY) / nRampSubsteps);
        for (let i = 0; i < 6; i++) ctrl[i] = previous[i]! + share * (this.#command[i]! - previous[i]!);
      }
      this.simulation.step(1);
      if (substep % CHECK_EVERY === CHECK_EVERY - 1 && !this.simulation.isSane()) return false;
    }
    return this.simulation.isSane();
  }

  /** Puts an object elsewhere on the table, at rest: the benchmark's own perturbation, never part of a grasp. */
  moveObject(id: string, xM: number, yM: number): void {
    const objectIndex = this.scene.objects.findIndex((object) => object.id === id);
    const { qpos, qvel } = this.simulation;
    const position = this.#objectAddress(objectIndex);
    qpos[position] = xM;
    qpos[position + 1] = yM;
    const velocity = N_HAND_JOINTS + this.#nDrawers() + 6 * objectIndex;
    qvel.fill(0, velocity, velocity + 6);
    this.simulation.forward();
  }

  #nDrawers(): number {
    return this.scene.drawerOpeningsM ? DRAWERS.length : 0;
  }

  #objectAddress(objectIndex: number): number {
    return N_HAND_JOINTS + this.#nDrawers() + 7 * objectIndex;
  }

  /** What is where now. */
  snapshot(): Snapshot {
    const { qpos } = this.simulation;
    const objects = this.scene.objects.map((spec, i): ObjectState => {
      const at = this.#objectAddress(i);
      const [w, x, y, z] = qpos.subarray(at + 3, at + 7) as unknown as [number, number, number, number];
      return {
        spec,
        positionM: [qpos[at]!, qpos[at + 1]!, qpos[at + 2]!],
        rotation: matrixFromQuaternion(w, x, y, z),
        ...extentsOf(spec),
      };
    });
    const contacts = this.simulation.contacts();
    const handRotation = matrixFromEuler(qpos[5]!, qpos[4]!, qpos[3]!);
    const openingAxis = [handRotation[1]!, handRotation[4]!, handRotation[7]!] as const;
    const drawersM = this.scene.drawerOpeningsM
      ? (Object.fromEntries(DRAWERS.map((name, i) => [name, qpos[N_HAND_JOINTS + i]!])) as Record<DrawerName, number>)
      : undefined;
    return {
      stepIndex: this.#stepIndex,
      objects,
      ...(drawersM ? { drawersM } : {}),
      touches: touchesOf(contacts, this.world.geoms),
      graspedIds: graspedObjects(contacts, this.world.geoms, openingAxis, this.embodiment.graspAngleRad),
      hand: {
        positionM: [qpos[0]!, qpos[1]!, qpos[2]!],
        yawRad: qpos[3]!,
        pitchRad: qpos[4]!,
        rollRad: qpos[5]!,
        commandedPositionM: [this.#command[0]!, this.#command[1]!, this.#command[2]!],
        commandedYawRad: this.#command[3]!,
        opening: Math.min(1, Math.max(0, (qpos[6]! + qpos[7]!) / (2 * this.embodiment.fingerTravelM))),
      },
    };
  }

  dispose(): void {
    this.simulation.dispose();
  }
}

function matrixFromQuaternion(w: number, x: number, y: number, z: number): Matrix3 {
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  ];
}
