import type { Background, TableTexture } from "../scene/look.ts";

/** A surface colour as a function of two coordinates on the surface (metres); writes linear RGB in [0, 1] into `out`. */
export type Texture = (u: number, v: number, out: Float32Array) => void;

/** A repeatable number in [0, 1) for a grid cell. */
function hash(i: number, j: number): number {
  let h = (Math.imul(i, 0x27d4eb2d) ^ Math.imul(j, 0x165667b1)) | 0;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Smooth noise in [0, 1) with features of unit size. */
function noise(u: number, v: number): number {
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const fade = (t: number) => t * t * (3 - 2 * t);
  const [s, t] = [fade(u - i), fade(v - j)];
  const low = hash(i, j) * (1 - s) + hash(i + 1, j) * s;
  const high = hash(i, j + 1) * (1 - s) + hash(i + 1, j + 1) * s;
  return low * (1 - t) + high * t;
}

type Rgb = readonly [number, number, number];

function mix(a: Rgb, b: Rgb, share: number, out: Float32Array): void {
  for (let i = 0; i < 3; i++) out[i] = a[i]! + (b[i]! - a[i]!) * share;
}

/** Boards along y with grain. */
function wood(light: Rgb, dark: Rgb, boardM: number): Texture {
  return (u, v, out) => {
    const board = Math.floor(u / boardM);
    const shift = hash(board, 7) * 10;
    const grain = noise(u * 160 + 6 * noise(u * 9, v * 5 + shift), v * 5 + shift);
    const seam = u / boardM - board < 0.03 ? 0.35 : 0;
    mix(light, dark, Math.min(1, 0.55 * grain + 0.3 * hash(board, 3) + seam), out);
  };
}

function marble(u: number, v: number, out: Float32Array): void {
  const vein = Math.abs(noise(u * 14 + 3 * noise(u * 30, v * 30), v * 10 + 40) - 0.5) * 2;
  mix([0.58, 0.6, 0.64], [0.93, 0.93, 0.92], Math.min(1, 0.25 + 1.6 * vein), out);
}

function checker(u: number, v: number, out: Float32Array): void {
  const even = (Math.floor(u / 0.04) + Math.floor(v / 0.04)) % 2 === 0;
  mix([0.42, 0.44, 0.5], [0.8, 0.81, 0.84], even ? 1 : 0, out);
}

function bricks(u: number, v: number, out: Float32Array): void {
  const row = Math.floor(v / 0.07);
  const along = u / 0.2 + (row % 2 === 0 ? 0 : 0.5);
  const mortar = v / 0.07 - row < 0.12 || along - Math.floor(along) < 0.05;
  const brick = hash(Math.floor(along), row);
  if (mortar) mix([0.72, 0.7, 0.66], [0.72, 0.7, 0.66], 0, out);
  else mix([0.56, 0.24, 0.18], [0.44, 0.16, 0.12], brick, out);
}

function hedge(u: number, v: number, out: Float32Array): void {
  mix([0.12, 0.32, 0.1], [0.36, 0.6, 0.22], noise(u * 40, v * 40) * 0.6 + noise(u * 12, v * 12) * 0.4, out);
}

function plain(rgb: Rgb): Texture {
  return (_u, _v, out) => out.set(rgb);
}

function tiles(light: Rgb, dark: Rgb, sizeM: number): Texture {
  return (u, v, out) => {
    const [a, b] = [u / sizeM, v / sizeM];
    const joint = a - Math.floor(a) < 0.04 || b - Math.floor(b) < 0.04;
    mix(light, dark, joint ? 1 : 0.25 * hash(Math.floor(a), Math.floor(b)), out);
  };
}

/** Table tops by name. */
export const TABLE_TEXTURES: Readonly<Record<TableTexture, Texture>> = {
  maple: wood([0.8, 0.68, 0.52], [0.68, 0.55, 0.4], 0.13),
  walnut: wood([0.4, 0.27, 0.18], [0.24, 0.15, 0.1], 0.13),
  marble,
  checker,
};

/** Floor and wall of each background. */
export const BACKGROUND_TEXTURES: Readonly<Record<Background, { floor: Texture; wall: Texture }>> = {
  lab: { floor: tiles([0.5, 0.52, 0.55], [0.4, 0.42, 0.45], 0.3), wall: plain([0.74, 0.77, 0.8]) },
  brick: { floor: tiles([0.26, 0.26, 0.28], [0.16, 0.16, 0.18], 0.4), wall: bricks },
  garden: { floor: tiles([0.6, 0.56, 0.48], [0.36, 0.4, 0.26], 0.25), wall: hedge },
};

/** Wood of the cabinet, tinted by the geom's own colour. */
export function woodGrain(u: number, v: number): number {
  return 0.86 + 0.14 * noise(u * 12, v * 130);
}
