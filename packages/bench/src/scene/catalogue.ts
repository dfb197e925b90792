/** The shapes, colours and receptacles of the benchmark, and which of them training may see. Lengths in metres. */

/** A primitive of an object, placed in the object's frame (z up when at rest). */
export interface Part {
  readonly type: "box" | "sphere" | "cylinder" | "capsule" | "ellipsoid";
  /** MuJoCo half sizes: box 3, sphere 1, cylinder and capsule [radius, half length], ellipsoid 3. */
  readonly size: readonly number[];
  readonly position?: readonly [number, number, number];
  /** Rotation about a fixed axis sequence, radians (roll, pitch, yaw). */
  readonly eulerRad?: readonly [number, number, number];
  /** A colour of its own instead of the object's. */
  readonly rgb?: readonly [number, number, number];
}

/** How the expert holds an object. */
export interface GraspRule {
  /** Turn of the object after which a grasp repeats: 0 any yaw will do, pi/2 a cube, pi something grasped across. */
  readonly symmetryRad: number;
  /** Height of the finger pads above the object's origin, metres. */
  readonly heightM: number;
}

/** A kind of movable object. */
export interface Shape {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Height of the origin above the table at rest. */
  readonly restHeightM: number;
  /** Radius of the circle around the origin that holds the footprint. */
  readonly footprintRadiusM: number;
  /** Half extents of the bounding box in the object's frame. */
  readonly halfExtentsM: readonly [number, number, number];
  readonly massKg: number;
  readonly grasp: GraspRule;
  /** Rolls when pushed: gets rolling friction. */
  readonly rolls: boolean;
  /** May stand on another cube. */
  readonly stackable: boolean;
}

const HALF_PI = Math.PI / 2;
const ACROSS = Math.PI;

function shape(
  name: string,
  parts: readonly Part[],
  halfExtentsM: readonly [number, number, number],
  options: { symmetryRad: number; graspHeightM?: number; massKg?: number; rolls?: boolean; restHeightM?: number },
): Shape {
  return {
    name,
    parts,
    restHeightM: options.restHeightM ?? halfExtentsM[2],
    footprintRadiusM:
      options.symmetryRad === 0
        ? Math.max(halfExtentsM[0], halfExtentsM[1])
        : Math.hypot(halfExtentsM[0], halfExtentsM[1]),
    halfExtentsM,
    massKg: options.massKg ?? 0.04,
    grasp: { symmetryRad: options.symmetryRad, heightM: options.graspHeightM ?? 0 },
    rolls: options.rolls ?? false,
    stackable: name === "cube",
  };
}

const LYING: readonly [number, number, number] = [0, HALF_PI, 0];

/** Every movable shape. `block`, `rod`, `spoon` and `dumbbell` are longer than the open gripper: they are grasped across. */
export const SHAPES: readonly Shape[] = [
  shape("cube", [{ type: "box", size: [0.018, 0.018, 0.018] }], [0.018, 0.018, 0.018], { symmetryRad: HALF_PI }),
  shape("ball", [{ type: "sphere", size: [0.02] }], [0.02, 0.02, 0.02], { symmetryRad: 0, rolls: true }),
  shape(
    "can",
    [
      { type: "cylinder", size: [0.02, 0.035] },
      { type: "cylinder", size: [0.0165, 0.0008], position: [0, 0, 0.0353], rgb: [0.82, 0.83, 0.85] },
    ],
    [0.02, 0.02, 0.035],
    { symmetryRad: 0, graspHeightM: 0.01 },
  ),
  shape("cylinder", [{ type: "cylinder", size: [0.023, 0.015] }], [0.023, 0.023, 0.015], { symmetryRad: 0 }),
  shape("block", [{ type: "box", size: [0.045, 0.015, 0.015] }], [0.045, 0.015, 0.015], { symmetryRad: ACROSS }),
  shape(
    "rod",
    [
      { type: "capsule", size: [0.013, 0.036], eulerRad: LYING },
      { type: "box", size: [0.03, 0.006, 0.0015], position: [0, 0, -0.0115] },
    ],
    [0.049, 0.013, 0.013],
    { symmetryRad: ACROSS, rolls: true },
  ),
  shape(
    "spoon",
    [
      { type: "box", size: [0.034, 0.0065, 0.006], position: [-0.014, 0, 0] },
      { type: "ellipsoid", size: [0.022, 0.016, 0.0085], position: [0.036, 0, 0.0025] },
    ],
    [0.058, 0.016, 0.009],
    { symmetryRad: ACROSS, massKg: 0.03, restHeightM: 0.006, graspHeightM: 0.002 },
  ),
  shape(
    "bottle",
    [
      { type: "cylinder", size: [0.019, 0.03], position: [0, 0, -0.012] },
      { type: "cylinder", size: [0.009, 0.012], position: [0, 0, 0.03] },
      { type: "cylinder", size: [0.0105, 0.004], position: [0, 0, 0.041], rgb: [0.95, 0.95, 0.95] },
    ],
    [0.019, 0.019, 0.042],
    { symmetryRad: 0, graspHeightM: -0.004, restHeightM: 0.042 },
  ),
  shape(
    "egg",
    [
      { type: "ellipsoid", size: [0.027, 0.019, 0.019] },
      { type: "box", size: [0.011, 0.006, 0.0015], position: [0, 0, -0.0173] },
    ],
    [0.027, 0.019, 0.019],
    { symmetryRad: ACROSS, rolls: true },
  ),
  shape(
    "dumbbell",
    [
      { type: "capsule", size: [0.009, 0.022], eulerRad: LYING },
      { type: "box", size: [0.011, 0.017, 0.017], position: [-0.034, 0, 0] },
      { type: "box", size: [0.011, 0.017, 0.017], position: [0.034, 0, 0] },
    ],
    [0.045, 0.017, 0.017],
    { symmetryRad: ACROSS },
  ),
];

/** A named colour, linear RGB in [0, 1]. */
export interface Colour {
  readonly name: string;
  readonly rgb: readonly [number, number, number];
}

/** Every colour of a movable object. */
export const COLOURS: readonly Colour[] = [
  { name: "red", rgb: [0.85, 0.1, 0.1] },
  { name: "green", rgb: [0.12, 0.62, 0.18] },
  { name: "blue", rgb: [0.13, 0.27, 0.85] },
  { name: "yellow", rgb: [0.95, 0.83, 0.1] },
  { name: "orange", rgb: [0.96, 0.48, 0.06] },
  { name: "purple", rgb: [0.5, 0.16, 0.66] },
  { name: "pink", rgb: [0.97, 0.52, 0.7] },
  { name: "turquoise", rgb: [0.1, 0.75, 0.72] },
];

/** Shapes and colours that no training layout contains. */
export const UNSEEN_SHAPES: readonly string[] = ["egg", "dumbbell"];
export const UNSEEN_COLOURS: readonly string[] = ["pink", "turquoise"];

/** What an object may look like, seen from training. */
export type Novelty = "seen" | "unseen-pair" | "unseen-colour" | "unseen-shape";

/** Colour-shape pairs of trained colours and shapes that training never shows together: one shape in each colour, and two more. */
export const UNSEEN_PAIRS: readonly (readonly [colour: string, shape: string])[] = [
  ["red", "block"],
  ["green", "can"],
  ["blue", "rod"],
  ["yellow", "ball"],
  ["orange", "cube"],
  ["purple", "cylinder"],
  ["red", "spoon"],
  ["blue", "bottle"],
];

/** Something to put objects on or in. Free bodies too, only heavier. */
export interface Receptacle {
  readonly name: string;
  readonly preposition: "on" | "in";
  readonly parts: readonly Part[];
  readonly rgb: readonly [number, number, number];
  /** Half extents of the box that the success rule uses: the surface, without walls. */
  readonly halfExtentsM: readonly [number, number, number];
  /** Height above the table of the surface an object comes to rest on. */
  readonly floorHeightM: number;
  readonly restHeightM: number;
  readonly footprintRadiusM: number;
  readonly massKg: number;
}

function walls(halfX: number, halfY: number, heightM: number, thicknessM: number): Part[] {
  const z = heightM / 2;
  const t = thicknessM / 2;
  return [
    { type: "box", size: [halfX, halfY, t], position: [0, 0, t] },
    { type: "box", size: [t, halfY, z], position: [halfX - t, 0, z] },
    { type: "box", size: [t, halfY, z], position: [-halfX + t, 0, z] },
    { type: "box", size: [halfX - 2 * t, t, z], position: [0, halfY - t, z] },
    { type: "box", size: [halfX - 2 * t, t, z], position: [0, -halfY + t, z] },
  ];
}

function bowl(radiusM: number, heightM: number): Part[] {
  const sides = 8;
  const half = radiusM * Math.tan(Math.PI / sides) + 0.002;
  const parts: Part[] = [{ type: "cylinder", size: [radiusM, 0.002], position: [0, 0, 0.002] }];
  for (let i = 0; i < sides; i++) {
    const angle = (2 * Math.PI * i) / sides;
    parts.push({
      type: "box",
      size: [0.003, half, heightM / 2],
      position: [radiusM * Math.cos(angle), radiusM * Math.sin(angle), heightM / 2],
      eulerRad: [0, 0, angle],
    });
  }
  return parts;
}

/** Every receptacle. The origin is at the bottom. */
export const RECEPTACLES: readonly Receptacle[] = [
  {
    name: "plate",
    preposition: "on",
    parts: [
      { type: "cylinder", size: [0.06, 0.003], position: [0, 0, 0.003] },
      { type: "cylinder", size: [0.042, 0.0004], position: [0, 0, 0.0062], rgb: [0.78, 0.8, 0.86] },
    ],
    rgb: [0.93, 0.94, 0.96],
    halfExtentsM: [0.055, 0.055, 0.003],
    floorHeightM: 0.006,
    restHeightM: 0,
    footprintRadiusM: 0.06,
    massKg: 0.3,
  },
  {
    name: "towel",
    preposition: "on",
    parts: [
      { type: "box", size: [0.055, 0.055, 0.002], position: [0, 0, 0.002] },
      { type: "box", size: [0.006, 0.055, 0.0003], position: [-0.036, 0, 0.0041], rgb: [0.86, 0.9, 0.95] },
      { type: "box", size: [0.006, 0.055, 0.0003], position: [0.036, 0, 0.0041], rgb: [0.86, 0.9, 0.95] },
    ],
    rgb: [0.36, 0.5, 0.68],
    halfExtentsM: [0.055, 0.055, 0.002],
    floorHeightM: 0.004,
    restHeightM: 0,
    footprintRadiusM: 0.078,
    massKg: 0.3,
  },
  {
    name: "basket",
    preposition: "in",
    parts: walls(0.065, 0.065, 0.04, 0.005),
    rgb: [0.72, 0.52, 0.28],
    halfExtentsM: [0.06, 0.06, 0.0025],
    floorHeightM: 0.005,
    restHeightM: 0,
    footprintRadiusM: 0.092,
    massKg: 0.4,
  },
  {
    name: "bowl",
    preposition: "in",
    parts: bowl(0.06, 0.032),
    rgb: [0.42, 0.66, 0.62],
    halfExtentsM: [0.055, 0.055, 0.002],
    floorHeightM: 0.004,
    restHeightM: 0,
    footprintRadiusM: 0.068,
    massKg: 0.4,
  },
];

const shapeByName = new Map(SHAPES.map((entry) => [entry.name, entry]));
const colourByName = new Map(COLOURS.map((entry) => [entry.name, entry]));
const receptacleByName = new Map(RECEPTACLES.map((entry) => [entry.name, entry]));

/** The shape of that name; the caller knows that it exists. */
export function shapeNamed(name: string): Shape {
  return shapeByName.get(name)!;
}

/** The colour of that name; the caller knows that it exists. */
export function colourNamed(name: string): Colour {
  return colourByName.get(name)!;
}

/** The receptacle of that name, if there is one. */
export function receptacleNamed(name: string): Receptacle | undefined {
  return receptacleByName.get(name);
}

/** Every colour-shape pair of a novelty class, as `[colour, shape]`. */
export function pairsOf(novelty: Novelty): (readonly [colour: string, shape: string])[] {
  if (novelty === "unseen-pair") return [...UNSEEN_PAIRS];
  const held = new Set(UNSEEN_PAIRS.map((pair) => pair.join(" ")));
  const pairs: (readonly [string, string])[] = [];
  for (const colour of COLOURS)
    for (const { name } of SHAPES) {
      const newColour = UNSEEN_COLOURS.includes(colour.name);
      const newShape = UNSEEN_SHAPES.includes(name);
      const wanted =
        novelty === "seen"
          ? !newColour && !newShape && !held.has(`${colour.name} ${name}`)
          : novelty === "unseen-colour"
            ? newColour && !newShape
            : newShape && !newColour;
      if (wanted) pairs.push([colour.name, name]);
    }
  return pairs;
}
