import type { TabletopWorld } from "../env/tabletop-world.ts";
import { rayGrid, type RayGrid } from "./camera.ts";
import { RayCaster, type Hits } from "./ray-caster.ts";
import { SurfacePainter } from "./surface-painter.ts";

/** A picture of the scene with exact labels. H = W = the renderer's size. */
export interface Frame {
  readonly sizePx: number;
  /** `[H, W, 3]`, 0..255. */
  readonly image: Uint8Array;
  /** `[H, W]`: index into `owners` of what fills most of the pixel (the nearest of equals); -1 where nothing is. */
  readonly segmentation: Int16Array;
  /** `[H, W]`: depth of that thing along the optical axis, metres (mean over its subpixels); 0 where nothing is. */
  readonly depthM: Float32Array;
  /** What the labels stand for: see `GeomInfo.owner`. */
  readonly owners: readonly string[];
}

const STATIC_ONLY = [1, 0, 0, 0, 0, 0];
const DYNAMIC_ONLY = [0, 1, 0, 0, 0, 0];
const SHADOW_BATCH = 1024;

/**
 * Draws a world by ray casting: nearest hit, albedo, one point light with shadows, fill and ambient light, a highlight on
 * objects. What never moves is cast and painted once. Owns WebAssembly buffers until `dispose`; belongs to one thread.
 */
export class Renderer {
  readonly #grid: RayGrid;
  readonly #caster: RayCaster;
  readonly #shadowCaster: RayCaster;
  readonly #painter: SurfacePainter;
  readonly #owners: readonly string[];
  readonly #ownerOfGeom: Int16Array;
  readonly #still: StaticLayer;
  readonly #geom: Int32Array;
  readonly #distance: Float64Array;
  readonly #rgb: Float32Array;
  readonly #unlit: Float32Array;
  readonly #shadowRays: Float64Array;
  readonly #shadowRayOf: Int32Array;

  /** @param raysPerSide rays per pixel along each side (2 gives smooth edges at small sizes) */
  constructor(world: TabletopWorld, sizePx: number, raysPerSide = sizePx <= 112 ? 2 : 1) {
    this.#grid = rayGrid(world.scene.look.camera, sizePx, raysPerSide);
    const nRays = this.#grid.axisCosine.length;
    this.#caster = new RayCaster(world.simulation, nRays);
    this.#painter = new SurfacePainter(world);
    this.#owners = [...new Set(world.world.geoms.map(({ owner }) => owner))];
    this.#ownerOfGeom = Int16Array.from(world.world.geoms, ({ owner }) => this.#owners.indexOf(owner));
    this.#geom = new Int32Array(nRays);
    this.#distance = new Float64Array(nRays);
    this.#rgb = new Float32Array(3 * nRays);
    this.#unlit = new Float32Array(3 * nRays);
    this.#shadowCaster = new RayCaster(world.simulation, SHADOW_BATCH);
    this.#shadowRays = new Float64Array(3 * SHADOW_BATCH);
    this.#shadowRayOf = new Int32Array(SHADOW_BATCH);
    this.#still = this.#castStatic(nRays);
  }

  get sizePx(): number {
    return this.#grid.widthPx;
  }

  #castStatic(nRays: number): StaticLayer {
    const { originM, directions } = this.#grid;
    const hits = this.#caster.cast(originM, directions, STATIC_ONLY);
    const layer: StaticLayer = {
      geom: Int32Array.from(hits.geom),
      distance: Float64Array.from(hits.distance),
      lit: new Float32Array(3 * nRays),
      shaded: new Float32Array(3 * nRays),
      lightRays: new Float64Array(3 * nRays),
    };
    const point = new Float64Array(3);
    for (let ray = 0; ray < nRays; ray++) {
      if (layer.geom[ray]! < 0) continue;
      this.#hitPoint(ray, layer.distance[ray]!, point);
      this.#painter.paint(layer.geom[ray]!, point, hits.normal, 3 * ray, directions, layer.lit, layer.shaded);
      this.#lightRay(point, layer.lightRays, 3 * ray);
    }
    const shadow = this.#caster.cast(this.#painter.lightM, layer.lightRays, STATIC_ONLY);
    for (let ray = 0; ray < nRays; ray++)
      if (isShadowed(shadow, ray)) layer.lit.set(layer.shaded.subarray(3 * ray, 3 * ray + 3), 3 * ray);
    return layer;
  }

  #hitPoint(ray: number, distance: number, out: Float64Array): void {
    const { originM, directions } = this.#grid;
    for (let axis = 0; axis < 3; axis++) out[axis] = originM[axis]! + distance * directions[3 * ray + axis]!;
  }

  #lightRay(point: Float64Array, out: Float64Array, at: number): void {
    const light = this.#painter.lightM;
    for (let axis = 0; axis < 3; axis++) out[at + axis] = point[axis]! - light[axis]!;
  }

  /** Draws the present state. */
  render(): Frame {
    this.#paintDynamic();
    this.#castShadows();
    return this.#resolve();
  }

  /** Nearest hits of moving things over the still layer; `#rgb` is fully lit afterwards. */
  #paintDynamic(): void {
    const { originM, directions } = this.#grid;
    const nRays = this.#geom.length;
    const still = this.#still;
    this.#geom.set(still.geom);
    this.#distance.set(still.distance);
    this.#rgb.set(still.lit);
    const hits = this.#caster.cast(originM, directions, DYNAMIC_ONLY);
    const point = new Float64Array(3);
    for (let ray = 0; ray < nRays; ray++) {
      const distance = hits.distance[ray]!;
      if (distance < 0 || (still.distance[ray]! >= 0 && distance >= still.distance[ray]!)) continue;
      this.#geom[ray] = hits.geom[ray]!;
      this.#distance[ray] = distance;
    }
    for (let ray = 0; ray < nRays; ray++) {
      if (this.#geom[ray] === still.geom[ray]) continue;
      this.#hitPoint(ray, this.#distance[ray]!, point);
      this.#painter.paint(this.#geom[ray]!, point, hits.normal, 3 * ray, directions, this.#rgb, this.#unlit);
    }
  }

  /** Darkens what the key light does not reach: moving things shadow everything, still things were done once. */
  #castShadows(): void {
    const still = this.#still;
    const nRays = this.#geom.length;
    const hits = this.#caster.cast(this.#painter.lightM, still.lightRays, DYNAMIC_ONLY);
    for (let ray = 0; ray < nRays; ray++)
      if (this.#geom[ray] === still.geom[ray] && isShadowed(hits, ray)) copyRgb(still.shaded, this.#rgb, 3 * ray);
    let n = 0;
    for (let ray = 0; ray < nRays; ray++) {
      if (this.#geom[ray] === still.geom[ray]) continue;
      this.#shadowRayOf[n++] = ray;
      if (n === SHADOW_BATCH) this.#shadowBatch(n);
      n %= SHADOW_BATCH;
    }
    if (n > 0) this.#shadowBatch(n);
  }

  /** Shadows on `n` rays that hit moving things; the rest of the batch looks away. */
  #shadowBatch(n: number): void {
    const point = new Float64Array(3);
    for (let i = 0; i < SHADOW_BATCH; i++) {
      const ray = this.#shadowRayOf[i]!;
      if (i < n) this.#hitPoint(ray, this.#distance[ray]!, point);
      else point.set([this.#painter.lightM[0], this.#painter.lightM[1], this.#painter.lightM[2] + 1]);
      this.#lightRay(point, this.#shadowRays, 3 * i);
    }
    const hits = this.#shadowCaster.cast(this.#painter.lightM, this.#shadowRays, null);
    for (let i = 0; i < n; i++) if (isShadowed(hits, i)) copyRgb(this.#unlit, this.#rgb, 3 * this.#shadowRayOf[i]!);
  }

  /** Averages subpixels and votes on labels. */
  #resolve(): Frame {
    const { sizePx } = this;
    const nPixels = sizePx * sizePx;
    const nSub = this.#grid.raysPerSide ** 2;
    const image = new Uint8Array(3 * nPixels);
    const segmentation = new Int16Array(nPixels);
    const depthM = new Float32Array(nPixels);
    const owner = (ray: number) => (this.#geom[ray]! < 0 ? -1 : this.#ownerOfGeom[this.#geom[ray]!]!);
    for (let pixel = 0; pixel < nPixels; pixel++) {
      const first = pixel * nSub;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let ray = first; ray < first + nSub; ray++) sum += this.#rgb[3 * ray + c]!;
        image[3 * pixel + c] = Math.max(0, Math.min(255, Math.round((255 * sum) / nSub)));
      }
      let [best, bestVotes, bestDepth] = [-1, 0, 0];
      for (let ray = first; ray < first + nSub; ray++) {
        const label = owner(ray);
        let [votes, depth] = [0, 0];
        for (let other = first; other < first + nSub; other++)
          if (owner(other) === label) {
            votes++;
            depth += this.#distance[other]! * this.#grid.axisCosine[other]!;
          }
        depth = label < 0 ? Infinity : depth / votes;
        if (votes > bestVotes || (votes === bestVotes && depth < bestDepth))
          [best, bestVotes, bestDepth] = [label, votes, depth];
      }
      segmentation[pixel] = best;
      depthM[pixel] = best < 0 ? 0 : bestDepth;
    }
    return { sizePx, image, segmentation, depthM, owners: this.#owners };
  }

  /** Frees the WebAssembly buffers. */
  dispose(): void {
    this.#caster.dispose();
    this.#shadowCaster.dispose();
  }
}

/** What never moves, per ray. */
interface StaticLayer {
  readonly geom: Int32Array;
  readonly distance: Float64Array;
  /** Colour with and without the key light, `[n, 3]`. */
  readonly lit: Float32Array;
  readonly shaded: Float32Array;
  /** From the light to the hit, `[n, 3]`. */
  readonly lightRays: Float64Array;
}

/** Whether something stands between the light and the point at distance 1. */
function isShadowed(hits: Hits, ray: number): boolean {
  const distance = hits.distance[ray]!;
  return distance >= 0 && distance < 0.998;
}

function copyRgb(from: Float32Array, to: Float32Array, at: number): void {
  for (let c = 0; c < 3; c++) to[at + c] = from[at + c]!;
}

/** The pixels of one owner as 0/1, `[H, W]`. */
export function maskOf(frame: Frame, owner: string): Uint8Array {
  const label = frame.owners.indexOf(owner);
  return Uint8Array.from(frame.segmentation, (value) => (value === label && label >= 0 ? 1 : 0));
}
