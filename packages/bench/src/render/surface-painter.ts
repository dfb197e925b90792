import type { TabletopWorld } from "../env/tabletop-world.ts";
import type { GeomInfo } from "../scene/mjcf.ts";
import { BACKGROUND_TEXTURES, TABLE_TEXTURES, woodGrain, type Texture } from "./textures.ts";

/** Colours surface points: albedo by geom, then ambient, fill and key light, and a highlight on plain moving things. */
export class SurfacePainter {
  /** Position of the key light, metres. */
  readonly lightM: readonly [number, number, number];
  readonly #geoms: readonly GeomInfo[];
  readonly #ambient: number;
  readonly #key: number;
  readonly #fill: number;
  readonly #fillDirection: readonly number[];
  readonly #textures: Readonly<Record<"table" | "floor" | "wall", Texture>>;
  readonly #albedo = new Float32Array(3);

  constructor({ world, scene }: TabletopWorld) {
    const { lights, table, background } = scene.look;
    this.#geoms = world.geoms;
    this.lightM = lights.key.positionM;
    this.#ambient = lights.ambient;
    this.#key = lights.key.intensity;
    this.#fill = lights.fill.intensity;
    const length = Math.hypot(...lights.fill.direction);
    this.#fillDirection = lights.fill.direction.map((value) => value / length);
    this.#textures = { table: TABLE_TEXTURES[table], ...BACKGROUND_TEXTURES[background] };
  }

  /**
   * Writes the colour of a hit with the key light into `lit` and without it into `shaded`, both at `out`.
   *
   * @param normals unit normals, read at `normalAt`; `directions` unit ray directions, read at `directionAt`
   */
  paint(
    geom: number,
    point: Float64Array,
    normals: Float64Array,
    normalAt: number,
    directions: Float64Array,
    directionAt: number,
    lit: Float32Array,
    shaded: Float32Array,
    out: number,
  ): void {
    const info = this.#geoms[geom]!;
    const [x, y, z] = [point[0]!, point[1]!, point[2]!];
    this.#setAlbedo(info, x, y, z);
    const [nx, ny, nz] = [normals[normalAt]!, normals[normalAt + 1]!, normals[normalAt + 2]!];
    const [lx, ly, lz] = [this.lightM[0] - x, this.lightM[1] - y, this.lightM[2] - z];
    const lightDistance = Math.sqrt(lx * lx + ly * ly + lz * lz);
    const lambert = Math.max(0, (nx * lx + ny * ly + nz * lz) / lightDistance);
    const fill = Math.max(
      0,
      nx * this.#fillDirection[0]! + ny * this.#fillDirection[1]! + nz * this.#fillDirection[2]!,
    );
    const base = this.#ambient * (0.8 + 0.2 * nz) + this.#fill * fill;
    let highlight = 0;
    if (info.dynamic && info.paint === "plain" && lambert > 0) {
      // Blinn: the half vector between the light and the viewer.
      const hx = lx / lightDistance - directions[directionAt]!;
      const hy = ly / lightDistance - directions[directionAt + 1]!;
      const hz = lz / lightDistance - directions[directionAt + 2]!;
      const cosine = (nx * hx + ny * hy + nz * hz) / Math.sqrt(hx * hx + hy * hy + hz * hz);
      highlight = 0.3 * this.#key * Math.pow(Math.max(0, cosine), 28);
    }
    for (let c = 0; c < 3; c++) {
      shaded[out + c] = this.#albedo[c]! * base;
      lit[out + c] = this.#albedo[c]! * (base + this.#key * lambert) + highlight;
    }
  }

  #setAlbedo(info: GeomInfo, x: number, y: number, z: number): void {
    const out = this.#albedo;
    switch (info.paint) {
      case "plain":
        out.set(info.rgb);
        return;
      case "wood": {
        const shade = woodGrain(y, z);
        for (let c = 0; c < 3; c++) out[c] = info.rgb[c]! * shade;
        return;
      }
      case "table":
      case "floor":
        this.#textures[info.paint](x, y, out);
        return;
      case "wall":
        this.#textures.wall(y, z, out);
        return;
      default:
        info.paint satisfies never;
    }
  }
}
