import { floats } from "../arrays.ts";

/** A colour term: which hue (degrees in Oklab), how saturated and how light it is. */
interface ColourTerm {
  /** Undefined for terms without hue: black, white, grey. */
  readonly hue?: number;
  /** Hues up to this many degrees away are still called so. */
  readonly spread?: number;
  /** Least chroma over lightness; for terms without hue the most. */
  readonly saturation: number;
  /** Range of lightness, 0..1. */
  readonly lightness?: readonly [number, number];
}

/** Basic colour terms of English (Berlin and Kay) and those that robot instructions add. */
const TERMS = {
  red: { hue: 27, spread: 17, saturation: 0.2 },
  orange: { hue: 55, spread: 15, saturation: 0.16 },
  yellow: { hue: 100, spread: 19, saturation: 0.12 },
  green: { hue: 143, spread: 25, saturation: 0.1 },
  turquoise: { hue: 191, spread: 20, saturation: 0.07 },
  blue: { hue: 258, spread: 28, saturation: 0.12 },
  purple: { hue: 312, spread: 20, saturation: 0.1 },
  pink: { hue: 0, spread: 16, saturation: 0.09, lightness: [0.45, 1] },
  brown: { hue: 55, spread: 30, saturation: 0.05, lightness: [0.1, 0.55] },
  black: { saturation: 0.15, lightness: [0, 0.3] },
  white: { saturation: 0.06, lightness: [0.78, 1] },
  grey: { saturation: 0.08, lightness: [0.3, 0.85] },
} as const satisfies Record<string, ColourTerm>;

export type ColourName = keyof typeof TERMS;

export const COLOUR_NAMES = Object.keys(TERMS) as ColourName[];

/** Other words for the terms. */
const SYNONYMS: Readonly<Record<string, ColourName>> = {
  gray: "grey", silver: "grey", metal: "grey", metallic: "grey", steel: "grey",
  cyan: "turquoise", teal: "turquoise", aqua: "turquoise",
  violet: "purple", lilac: "purple", magenta: "pink", rose: "pink",
  gold: "yellow", golden: "yellow", navy: "blue", lime: "green", crimson: "red", beige: "brown", tan: "brown", wooden: "brown",
}; // prettier-ignore

/** The term a word stands for, if it is a colour word. */
export function colourNamed(word: string): ColourName | undefined {
  return word in TERMS ? (word as ColourName) : SYNONYMS[word];
}

/**
 * How well every colour `[N, 3]` (Oklab) fits a term, `[N]` in [0, 1]. Chroma is judged relative to lightness, which shading and
 * exposure hardly change.
 */
export function colourFit(colours: Float32Array, name: ColourName): Float32Array {
  const term: ColourTerm = TERMS[name];
  const [least, most] = term.lightness ?? [0.04, 1];
  return floats(colours.length / 3, (i) => {
    const L = colours[3 * i]!;
    const [a, b] = [colours[3 * i + 1]!, colours[3 * i + 2]!];
    const saturation = Math.hypot(a, b) / Math.max(L, 0.02);
    const light = ramp(L, least - 0.04, least + 0.02) * (1 - ramp(L, most - 0.02, most + 0.04));
    if (term.hue === undefined) return light * (1 - ramp(saturation, term.saturation * 0.7, term.saturation * 1.4));
    const away = Math.abs((((Math.atan2(b, a) * 180) / Math.PI - term.hue + 540) % 360) - 180) / term.spread!;
    return light * (1 - ramp(away, 0.75, 1.35)) * ramp(saturation, 0.6 * term.saturation, 1.1 * term.saturation);
  });
}

/** 0 up to `from`, 1 from `to` on, straight in between. */
function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
