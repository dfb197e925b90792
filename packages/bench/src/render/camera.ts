import type { CameraPose } from "../scene/look.ts";

/** Rays of a pinhole camera through every subpixel, rows from the top. */
export interface RayGrid {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Rays per pixel along each side. */
  readonly raysPerSide: number;
  readonly originM: readonly [number, number, number];
  /** `[nRays, 3]` unit directions, world frame; the subpixels of one pixel are consecutive. */
  readonly directions: Float64Array;
  /** `[nRays]`: cosine between ray and optical axis, turns distance into depth. */
  readonly axisCosine: Float32Array;
}

/** Right, up and forward of a camera, unit vectors in the world frame. */
export function cameraAxes({ positionM, lookAtM }: CameraPose): Record<"right" | "up" | "forward", number[]> {
  const forward = normalised(lookAtM.map((value, i) => value - positionM[i]!));
  const right = normalised(cross(forward, [0, 0, 1]));
  return { right, up: cross(right, forward), forward };
}

/** The rays of a square picture of `sizePx`. */
export function rayGrid(camera: CameraPose, sizePx: number, raysPerSide: number): RayGrid {
  const { right, up, forward } = cameraAxes(camera);
  const nPerPixel = raysPerSide * raysPerSide;
  const nRays = sizePx * sizePx * nPerPixel;
  const directions = new Float64Array(3 * nRays);
  const axisCosine = new Float32Array(nRays);
  const half = Math.tan(camera.fovyRad / 2);
  let ray = 0;
  for (let row = 0; row < sizePx; row++)
    for (let column = 0; column < sizePx; column++)
      for (let sub = 0; sub < nPerPixel; sub++, ray++) {
        const u = (column + ((sub % raysPerSide) + 0.5) / raysPerSide) / sizePx;
        const v = (row + (Math.floor(sub / raysPerSide) + 0.5) / raysPerSide) / sizePx;
        const [x, y] = [(2 * u - 1) * half, (1 - 2 * v) * half];
        const length = Math.hypot(x, y, 1);
        for (let axis = 0; axis < 3; axis++)
          directions[3 * ray + axis] = (x * right[axis]! + y * up[axis]! + forward[axis]!) / length;
        axisCosine[ray] = 1 / length;
      }
  return { widthPx: sizePx, heightPx: sizePx, raysPerSide, originM: camera.positionM, directions, axisCosine };
}

/** Where a world point appears, in pixels from the top left corner, and its depth along the optical axis (metres). */
export function project(
  camera: CameraPose,
  sizePx: number,
  pointM: readonly [number, number, number],
): { xPx: number; yPx: number; depthM: number } {
  const { right, up, forward } = cameraAxes(camera);
  const offset = pointM.map((value, i) => value - camera.positionM[i]!);
  const along = (axis: readonly number[]) => offset[0]! * axis[0]! + offset[1]! * axis[1]! + offset[2]! * axis[2]!;
  const depthM = along(forward);
  const scale = sizePx / (2 * Math.tan(camera.fovyRad / 2));
  return { xPx: sizePx / 2 + (along(right) / depthM) * scale, yPx: sizePx / 2 - (along(up) / depthM) * scale, depthM };
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!];
}

function normalised(v: readonly number[]): number[] {
  const length = Math.hypot(...v);
  return v.map((value) => value / length);
}
