/**
 * What a pixel of a tabletop scene can belong to, in the order of the network's outputs. The first is everything that no
 * phrase asks for: table, floor, wall.
 */
export const PART_LABELS = [
  "background",
  "cube",
  "ball",
  "can",
  "cylinder",
  "block",
  "rod",
  "spoon",
  "bottle",
  "egg",
  "dumbbell",
  "plate",
  "towel",
  "basket",
  "bowl",
  "robot",
  "cabinet",
  "top drawer",
  "middle drawer",
  "bottom drawer",
] as const;

export type PartLabel = (typeof PART_LABELS)[number];

/** Labels of things that stand or lie on the table. */
export const OBJECT_LABELS: readonly PartLabel[] = PART_LABELS.slice(1, 15);

/** Those that a gripper can lift. */
export const MOVABLE_LABELS: readonly PartLabel[] = PART_LABELS.slice(1, 11);
