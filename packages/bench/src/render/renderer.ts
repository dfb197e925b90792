import type { TabletopWorld } from "../env/tabletop-world.ts";
import { BoundingCones } from "./bounding-cones.ts";
import { rayGrid, type RayGrid } from "./camera.ts";
import { RayCaster } from "./ray-caster.ts";
import { DYNAMIC_ONLY, isShadowed, staticLayer, type StaticLayer } from "./static-layer.ts";
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

/** Rays are cast in batches of this size; the last one is filled up with rays that look away. */
const BATCH = 1024;

/**
 * Draws a world by ray casting: nearest hit, albedo, one point light with shadows, fill and ambient light, a highlight on
 * objects. What never moves comes from a `StaticLayer`; only rays that may meet a moving thing are cast. Owns WebAssembly
 * buffers until `dispose`; belongs to one thread.
 */
export class Renderer {
  readonly #grid: RayGrid;
  readonly #caster: RayCaster;
  readonly #painter: SurfacePainter;
  readonly #cones: BoundingCones;
  readonly #owners: readonly string[];
  readonly #ownerOfGeom: Int16Array;
  readonly #still: StaticLayer;
  readonly #geom: Int32Array;
  readonly #distance: Float64Array;
  readonly #rgb: Float32Array;
  readonly #unlit: Float32Array;
  /** Rays whose nearest hit moves, found by `#castMoving`. */
  readonly #moving: Int32Array;
  #nMoving = 0;
  readonly #batchRays = new Float64Array(3 * BATCH);
  readonly #batchRayOf = new Int32Array(BATCH);

  /** @param raysPerSide rays per pixel along each side (2 gives smooth edges at small sizes) */
  constructor(world: TabletopWorld, sizePx: number, raysPerSide = sizePx <= 112 ? 2 : 1) {
    this.#grid = rayGrid(world.scene.look.camera, sizePx, raysPerSide);
    const nRays = this.#grid.axisCosine.length;
    const { geoms } = world.world;
    this.#caster = new RayCaster(world.simulation, BATCH);
    this.#painter = new SurfacePainter(world);
    this.#cones = new BoundingCones(
      world.simulation,
      geoms.flatMap(({ dynamic }, i) => (dynamic ? [i] : [])),
    );
    this.#owners = [...new Set(geoms.map(({ owner }) => owner))];
    this.#ownerOfGeom = Int16Array.from(geoms, ({ owner }) => this.#owners.indexOf(owner));
    this.#still = staticLayer(world, this.#grid, this.#painter);
    this.#geom = new Int32Array(nRays);
    this.#distance = new Float64Array(nRays);
    this.#rgb = new Float32Array(3 * nRays);
    this.#unlit = new Float32Array(3 * nRays);
    this.#moving = new Int32Array(nRays);
  }

  get sizePx(): number {
    return this.#grid.widthPx;
  }

  /** Draws the present state. */
  render(): Frame {
    this.#geom.set(this.#still.geom);
    this.#distance.set(this.#still.distance);
    this.#rgb.set(this.#still.lit);
    this.#castMoving();
    this.#shadowStill();
    this.#shadowMoving();
    return this.#resolve();
  }

  /** Nearest hits of moving things before the still layer, painted with full light. */
  #castMoving(): void {
    const { originM, directions, raysPerSide, heightPx } = this.#grid;
    const nSub = raysPerSide * raysPerSide;
    this.#nMoving = 0;
    // A pixel is tested by its first subpixel; the margin covers the others.
    this.#cones.lookFrom(originM, 1.5 / heightPx);
    let n = 0;
    for (let first = 0; first < this.#geom.length; first += nSub) {
      const at = 3 * first;
      if (!this.#cones.contains(directions[at]!, directions[at + 1]!, directions[at + 2]!)) continue;
      for (let ray = first; ray < first + nSub; ray++) {
        for (let axis = 0; axis < 3; axis++) this.#batchRays[3 * n + axis] = directions[3 * ray + axis]!;
        this.#batchRayOf[n++] = ray;
        if (n === BATCH) n = this.#castMovingBatch(n);
      }
    }
    if (n > 0) this.#castMovingBatch(n);
  }

  #castMovingBatch(n: number): 0 {
    const { originM, directions } = this.#grid;
    this.#fillUp(n);
    const hits = this.#caster.cast(originM, this.#batchRays, DYNAMIC_ONLY);
    const point = new Float64Array(3);
    for (let i = 0; i < n; i++) {
      const ray = this.#batchRayOf[i]!;
      const distance = hits.distance[i]!;
      const still = this.#still.distance[ray]!;
      if (distance < 0 || (still >= 0 && distance >= still)) continue;
      this.#geom[ray] = hits.geom[i]!;
      this.#distance[ray] = distance;
      this.#moving[this.#nMoving++] = ray;
      for (let axis = 0; axis < 3; axis++) point[axis] = originM[axis]! + distance * directions[3 * ray + axis]!;
      const at = 3 * ray;
      this.#painter.paint(hits.geom[i]!, point, hits.normal, 3 * i, directions, at, this.#rgb, this.#unlit, at);
    }
    return 0;
  }

  /** Shadows of moving things on still ones (those of still things are in the layer). */
  #shadowStill(): void {
    const { lightRays, lightDirections, geom } = this.#still;
    this.#cones.lookFrom(this.#painter.lightM, 1e-4);
    let n = 0;
    for (let ray = 0; ray < geom.length; ray++) {
      const at = 3 * ray;
      if (this.#geom[ray] !== geom[ray] || geom[ray]! < 0) continue;
      if (!this.#cones.contains(lightDirections[at]!, lightDirections[at + 1]!, lightDirections[at + 2]!)) continue;
      for (let axis = 0; axis < 3; axis++) this.#batchRays[3 * n + axis] = lightRays[at + axis]!;
      this.#batchRayOf[n++] = ray;
      if (n === BATCH) n = this.#shadowBatch(n, DYNAMIC_ONLY, this.#still.shaded);
    }
    if (n > 0) this.#shadowBatch(n, DYNAMIC_ONLY, this.#still.shaded);
  }

  /** Shadows of everything on moving things. */
  #shadowMoving(): void {
    const { originM, directions } = this.#grid;
    const light = this.#painter.lightM;
    let n = 0;
    for (let i = 0; i < this.#nMoving; i++) {
      const ray = this.#moving[i]!;
      for (let axis = 0; axis < 3; axis++)
        this.#batchRays[3 * n + axis] =
          originM[axis]! + this.#distance[ray]! * directions[3 * ray + axis]! - light[axis]!;
      this.#batchRayOf[n++] = ray;
      if (n === BATCH) n = this.#shadowBatch(n, null, this.#unlit);
    }
    if (n > 0) this.#shadowBatch(n, null, this.#unlit);
  }

  #shadowBatch(n: number, groups: readonly number[] | null, dark: Float32Array): 0 {
    this.#fillUp(n);
    const hits = this.#caster.cast(this.#painter.lightM, this.#batchRays, groups);
    for (let i = 0; i < n; i++) {
      if (!isShadowed(hits, i)) continue;
      const at = 3 * this.#batchRayOf[i]!;
      for (let c = 0; c < 3; c++) this.#rgb[at + c] = dark[at + c]!;
    }
    return 0;
  }

  /** Rays straight up: above camera and light there is nothing. */
  #fillUp(n: number): void {
    for (let i = n; i < BATCH; i++) {
      this.#batchRays[3 * i] = this.#batchRays[3 * i + 1] = 0;
      this.#batchRays[3 * i + 2] = 1;
    }
  }

  /** Averages subpixels and votes on labels. */
  #resolve(): Frame {
    const { sizePx } = this;
    const nPixels = sizePx * sizePx;
    const nSub = this.#grid.raysPerSide ** 2;
    const image = new Uint8Array(3 * nPixels);
    const segmentation = new Int16Array(nPixels);
    const depthM = new Float32Array(nPixels);
    const rgb = this.#rgb;
    for (let pixel = 0; pixel < nPixels; pixel++) {
      const first = pixel * nSub;
      let [r, g, b] = [0, 0, 0];
      for (let at = 3 * first; at < 3 * (first + nSub); at += 3) {
        r += rgb[at]!;
        g += rgb[at + 1]!;
        b += rgb[at + 2]!;
      }
      const scale = 255 / nSub;
      image[3 * pixel] = toByte(r * scale);
      image[3 * pixel + 1] = toByte(g * scale);
      image[3 * pixel + 2] = toByte(b * scale);
      this.#label(pixel, first, nSub, segmentation, depthM);
    }
    return { sizePx, image, segmentation, depthM, owners: this.#owners };
  }

  /** The owner of most subpixels, the nearest of equals, and its mean depth. */
  #label(pixel: number, first: number, nSub: number, segmentation: Int16Array, depthM: Float32Array): void {
    let [best, bestVotes, bestDepth] = [-1, 0, Infinity];
    for (let ray = first; ray < first + nSub; ray++) {
      const label = this.#ownerOf(ray);
      let [votes, depth] = [0, 0];
      for (let other = first; other < first + nSub; other++) {
        if (this.#ownerOf(other) !== label) continue;
        votes++;
        depth += this.#distance[other]! * this.#grid.axisCosine[other]!;
      }
      depth = label < 0 ? Infinity : depth / votes;
      if (votes > bestVotes || (votes === bestVotes && depth < bestDepth)) {
        best = label;
        bestVotes = votes;
        bestDepth = depth;
      }
      if (votes === nSub) break;
    }
    segmentation[pixel] = best;
    depthM[pixel] = best < 0 ? 0 : bestDepth;
  }

  #ownerOf(ray: number): number {
    const geom = this.#geom[ray]!;
    return geom < 0 ? -1 : this.#ownerOfGeom[geom]!;
  }

  /** Frees the WebAssembly buffers. */
  dispose(): void {
    this.#caster.dispose();
  }
}

function toByte(value: number): number {
  return value >= 255 ? 255 : Math.round(value);
}

/** The pixels of one owner as 0/1, `[H, W]`. */
export function maskOf(frame: Frame, owner: string): Uint8Array {
  const label = frame.owners.indexOf(owner);
  return Uint8Array.from(frame.segmentation, (value) => (value === label && label >= 0 ? 1 : 0));
}
