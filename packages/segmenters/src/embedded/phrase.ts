import { colourNamed, type ColourName } from "./colour/colour-words.ts";
import { PART_LABELS, type PartLabel } from "./parts/part-labels.ts";

/** What a phrase says about how the thing looks. */
export interface PhraseLook {
  /** Colours named, or known of the noun; several are alternatives. */
  readonly colours: readonly ColourName[];
  /** Whether the colours come from the noun only ("eggplant"), not from the phrase. */
  readonly colourIsGuess: boolean;
  /** The tabletop's label for the noun, where it has one. */
  readonly part: PartLabel | undefined;
  /** The phrase asks for the robot's hand. */
  readonly isGripper: boolean;
  readonly size: "small" | "large" | undefined;
  /** "left", "right", "top", ...: prefers that side of the picture among equals. */
  readonly side: "left" | "right" | "top" | "bottom" | undefined;
}

/** Usual colours of things that robot datasets name without one. */
const USUAL_COLOURS: Readonly<Record<string, readonly ColourName[]>> = {
  eggplant: ["purple"], aubergine: ["purple"], grape: ["purple", "green"], carrot: ["orange"], pumpkin: ["orange"],
  banana: ["yellow"], lemon: ["yellow"], corn: ["yellow"], sponge: ["yellow", "green"], duck: ["yellow"],
  apple: ["red", "green"], tomato: ["red"], strawberry: ["red"], cherry: ["red"], ketchup: ["red"], coke: ["red"], cola: ["red"],
  pepper: ["red", "green", "yellow"], chili: ["red"], pepsi: ["blue"], redbull: ["blue"], sprite: ["green"], "7up": ["green"],
  broccoli: ["green"], cucumber: ["green"], lettuce: ["green"], pear: ["green"], lime: ["green"], zucchini: ["green"], pea: ["green"],
  potato: ["brown"], mushroom: ["white", "brown"], bread: ["brown"], egg: ["white"], garlic: ["white"], tofu: ["white"],
}; // prettier-ignore

/** Nouns that the tabletop's labels stand for, in other words. */
const PARTS: Readonly<Record<string, PartLabel>> = {
  block: "block", brick: "block", bar: "block", sphere: "ball", marble: "ball", tin: "can", soda: "can", coke: "can", pepsi: "can",
  stick: "rod", capsule: "rod", ladle: "spoon", dish: "plate", cloth: "towel", rag: "towel", napkin: "towel", tray: "basket",
  box: "cube", disc: "cylinder", disk: "cylinder", puck: "cylinder", flask: "bottle", drawer: "middle drawer", robot: "robot",
}; // prettier-ignore

const GRIPPER = /\b(gripper|end.effector|robot(ic)? (hand|arm|gripper)|robot|fingers?|jaws?)\b/;

/** Reads a phrase such as "the small red coke can" or "top drawer". Unknown words are passed over. */
export function readPhrase(phrase: string): PhraseLook {
  const text = phrase.toLowerCase().replace(/[^a-z0-9 ]+/g, " ");
  const words = text
    .split(" ")
    .filter((word) => word !== "")
    .map(singular);
  const named = [...new Set(words.map(colourNamed).filter((name) => name !== undefined))];
  const noun = words.findLast((word) => partOf(word) !== undefined);
  const drawer = /\b(top|upper|middle|bottom|lower)\b.*\bdrawer/.exec(text)?.[1];
  // "orange" at the end is the fruit, and a fruit has its colour too: nothing is lost by reading it as a colour.
  const usual = words.flatMap((word) => USUAL_COLOURS[word] ?? []);
  const side = /\b(left|right|top|bottom)(most)?\b/.exec(text)?.[1];
  return {
    colours: named.length > 0 ? named : [...new Set(usual)],
    colourIsGuess: named.length === 0,
    part:
      drawer === undefined
        ? noun === undefined
          ? undefined
          : partOf(noun)
        : drawer === "middle"
          ? "middle drawer"
          : drawer === "top" || drawer === "upper"
            ? "top drawer"
            : "bottom drawer",
    isGripper: GRIPPER.test(text),
    size: /\b(small|little|tiny)\b/.test(text) ? "small" : /\b(big|large|huge)\b/.test(text) ? "large" : undefined,
    side: drawer === undefined ? (side as PhraseLook["side"]) : undefined,
  };
}

const partOf = (word: string): PartLabel | undefined =>
  (PART_LABELS as readonly string[]).indexOf(word) > 0 ? (word as PartLabel) : PARTS[word];

const singular = (word: string) =>
  word.endsWith("ies") ? `${word.slice(0, -3)}y` : /[^su]s$/.test(word) ? word.slice(0, -1) : word;
