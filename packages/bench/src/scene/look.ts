/** How a scene looks: camera, light, background and table. Nothing here moves anything. */

/** A pinhole camera in the world frame (metres), square pixels, up is +z. */
export interface CameraPose {
  readonly positionM: readonly [number, number, number];
  readonly lookAtM: readonly [number, number, number];
  /** Vertical field of view, radians. */
  readonly fovyRad: number;
}

/** One shadow-casting point light, one fill light without shadows, ambient; intensities multiply the albedo. */
export interface Lights {
  readonly ambient: number;
  readonly key: { readonly positionM: readonly [number, number, number]; readonly intensity: number };
  readonly fill: { readonly direction: readonly [number, number, number]; readonly intensity: number };
}

/** Table tops. */
export type TableTexture = "maple" | "walnut" | "marble" | "checker";

/** Floor and wall behind the table. */
export type Background = "lab" | "brick" | "garden";

/** Everything that decides the picture of a given state. */
export interface Look {
  readonly camera: CameraPose;
  readonly lights: Lights;
  readonly table: TableTexture;
  readonly background: Background;
}

/** Light of the base scene. */
export const BASE_LIGHTS: Lights = {
  ambient: 0.42,
  key: { positionM: [0.42, -0.4, 1.25], intensity: 0.52 },
  fill: { direction: [0.85, 0.3, 0.35], intensity: 0.24 },
};

/** The same light, `factor` times as strong. */
export function scaledLights(lights: Lights, factor: number): Lights {
  return {
    ambient: lights.ambient * factor,
    key: { ...lights.key, intensity: lights.key.intensity * factor },
    fill: { ...lights.fill, intensity: lights.fill.intensity * factor },
  };
}

/** A camera moved on the sphere around its look-at point: up by `elevationRad`, to its right by `azimuthRad`. */
export function orbited(camera: CameraPose, azimuthRad: number, elevationRad: number): CameraPose {
  const [x, y, z] = camera.positionM.map((value, i) => value - camera.lookAtM[i]!) as [number, number, number];
  const distance = Math.hypot(x, y, z);
  const azimuth = Math.atan2(y, x) + azimuthRad;
  const elevation = Math.asin(z / distance) + elevationRad;
  const flat = distance * Math.cos(elevation);
  return {
    ...camera,
    positionM: [
      camera.lookAtM[0] + flat * Math.cos(azimuth),
      camera.lookAtM[1] + flat * Math.sin(azimuth),
      camera.lookAtM[2] + distance * Math.sin(elevation),
    ],
  };
}
