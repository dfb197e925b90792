import type { TabletopWorld } from "../env/tabletop-world.ts";
import type { RayGrid } from "./camera.ts";
import { RayCaster, type Hits } from "./ray-caster.ts";
import type { SurfacePainter } from "./surface-painter.ts";

/** What never moves, per ray of a grid: cast and painted once for a look, a size and the presence of the cabinet. */
export interface StaticLayer {
  readonly geom: Int32Array;
  /** Along the unit ray, metres; -1 for a miss. */
  readonly distance: Float64Array;
  /** Colour with and without the key light, `[n, 3]`. */
  readonly lit: Float32Array;
  readonly shaded: Float32Array;
  /** From the light to the hit, `[n, 3]`, and the same as unit vectors. */
  readonly lightRays: Float64Array;
  readonly lightDirections: Float32Array;
}

/** Geom groups for the ray caster: what never moves, and what may. */
export const STATIC_ONLY: readonly number[] = [1, 0, 0, 0, 0, 0];
export const DYNAMIC_ONLY: readonly number[] = [0, 1, 0, 0, 0, 0];

/** Layers are the same for every episode with the same look; a few megabytes each. */
const cache = new Map<string, StaticLayer>();
const MAX_CACHED = 4;

/** Whether something stands between the light and the point at distance 1. */
export function isShadowed(hits: Hits, ray: number): boolean {
  const distance = hits.distance[ray]!;
  return distance >= 0 && distance < 0.998;
}

/** The still part of a world's picture. */
export function staticLayer(world: TabletopWorld, grid: RayGrid, painter: SurfacePainter): StaticLayer {
  const { look, drawerOpeningsM } = world.scene;
  const key = JSON.stringify([look, drawerOpeningsM !== undefined, grid.widthPx, grid.raysPerSide]);
  const known = cache.get(key);
  if (known) return known;
  const layer = castLayer(world, grid, painter);
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
  cache.set(key, layer);
  return layer;
}

function castLayer(world: TabletopWorld, grid: RayGrid, painter: SurfacePainter): StaticLayer {
  const nRays = grid.axisCosine.length;
  const caster = new RayCaster(world.simulation, nRays);
  const { originM, directions } = grid;
  const hits = caster.cast(originM, directions, STATIC_ONLY);
  const layer: StaticLayer = {
    geom: Int32Array.from(hits.geom),
    distance: Float64Array.from(hits.distance),
    lit: new Float32Array(3 * nRays),
    shaded: new Float32Array(3 * nRays),
    lightRays: new Float64Array(3 * nRays),
    lightDirections: new Float32Array(3 * nRays),
  };
  const point = new Float64Array(3);
  for (let ray = 0; ray < nRays; ray++) {
    const at = 3 * ray;
    if (layer.geom[ray]! < 0) continue;
    for (let axis = 0; axis < 3; axis++) point[axis] = originM[axis]! + layer.distance[ray]! * directions[at + axis]!;
    painter.paint(layer.geom[ray]!, point, hits.normal, at, directions, at, layer.lit, layer.shaded, at);
    for (let axis = 0; axis < 3; axis++) layer.lightRays[at + axis] = point[axis]! - painter.lightM[axis]!;
    const length = Math.hypot(layer.lightRays[at]!, layer.lightRays[at + 1]!, layer.lightRays[at + 2]!);
    for (let axis = 0; axis < 3; axis++) layer.lightDirections[at + axis] = layer.lightRays[at + axis]! / length;
  }
  const shadow = caster.cast(painter.lightM, layer.lightRays, STATIC_ONLY);
  for (let ray = 0; ray < nRays; ray++)
    if (isShadowed(shadow, ray)) layer.lit.set(layer.shaded.subarray(3 * ray, 3 * ray + 3), 3 * ray);
  caster.dispose();
  return layer;
}
