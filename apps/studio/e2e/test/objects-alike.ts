import { episodeSpec, maskOf, Renderer, TabletopWorld, TRAINING_SEEDS_FROM, type EpisodeKey } from "@pixelvla/bench";

/** An object of a layout: where it is seen, in fractions of the picture, and where it stands, in metres. */
export interface SeenObject {
  readonly x: number;
  readonly y: number;
  readonly placeM: readonly [number, number];
}

/** Two objects of one layout that only a prompt tells apart, and where the gripper begins. */
export interface Alike {
  readonly seed: number;
  readonly alike: readonly SeenObject[];
  readonly handM: readonly [number, number];
}

/** Angle between two ways in the plane, degrees. */
export function angleDeg([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): number {
  const cosine = (ax * bx + ay * by) / Math.max(1e-9, Math.hypot(ax, ay) * Math.hypot(bx, by));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** The first training layout whose two like objects lie in clearly different directions from the gripper. */
export async function layoutWithAlike(): Promise<Alike> {
  for (let seed = TRAINING_SEEDS_FROM; ; seed++) {
    const found = await objectsAlike({ embodiment: "widowx", task: "pick", variant: "duplicate", seed });
    const [first, second] = found.alike.map(({ placeM: [x, y] }) => [x - found.handM[0], y - found.handM[1]] as const);
    if (angleDeg(first!, second!) > 75) return found;
  }
}

/** The target of a layout and its twin of the same shape and colour. */
async function objectsAlike(key: EpisodeKey): Promise<Alike> {
  const spec = episodeSpec(key);
  const { targetId } = spec.goal as { targetId: string };
  const target = spec.scene.objects.find(({ id }) => id === targetId)!;
  const same = spec.scene.objects.filter(({ shape, colour }) => shape === target.shape && colour === target.colour);
  const world = await TabletopWorld.create(spec.scene);
  try {
    const { objects, hand } = world.snapshot();
    const sizePx = 64;
    const frame = new Renderer(world, sizePx).render();
    const alike = same.map(({ id }) => {
      const pixels = [...maskOf(frame, id).entries()].filter(([, value]) => value === 1).map(([i]) => i);
      const mean = (value: (pixel: number) => number) => pixels.reduce((sum, i) => sum + value(i), 0) / pixels.length;
      const [x, y] = objects.find((object) => object.spec.id === id)!.positionM;
      return {
        x: (mean((i) => i % sizePx) + 0.5) / sizePx,
        y: (mean((i) => Math.floor(i / sizePx)) + 0.5) / sizePx,
        placeM: [x, y] as const,
      };
    });
    return { seed: key.seed, alike, handM: [hand.positionM[0], hand.positionM[1]] };
  } finally {
    world.dispose();
  }
}
