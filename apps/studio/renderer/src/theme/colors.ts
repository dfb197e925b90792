/** Colours of data, the same in every plot. */

/** Okabe and Ito's colour-blind-safe set in the studio's fixed order; yellow last, since it fades on white. */
export const okabeIto = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#f0e442"] as const;

/** Darker twins of the same hues for the light theme: each clears 3:1 on white. */
export const okabeItoOnLight = ["#2b86bd", "#b07900", "#008a64", "#b5528a", "#c25200", "#0072b2", "#8d8500"] as const;

export type ColorScheme = "dark" | "light";

/** Colour of the series at `index`; the order repeats after seven. */
export function seriesColor(index: number, scheme: ColorScheme): string {
  const palette = scheme === "dark" ? okabeIto : okabeItoOnLight;
  return palette[index % palette.length]!;
}

/** Names that mean the x, y or z axis, such as `x`, `dx`, `eef_y`, `droll`. */
const axisPattern = /(?:^|[^a-z])d?(?:eef_|pos_)?([xyz])$/;
const rotationAxes: Record<string, "x" | "y" | "z"> = { roll: "x", pitch: "y", yaw: "z" };

/** Axis that a state or action dimension belongs to, by its name; undefined for others such as the gripper. */
export function axisOf(name: string): "x" | "y" | "z" | undefined {
  const lower = name.toLowerCase();
  const rotation = /(roll|pitch|yaw)$/.exec(lower)?.[1];
  if (rotation !== undefined) return rotationAxes[rotation];
  return axisPattern.exec(lower)?.[1] as "x" | "y" | "z" | undefined;
}

/** Reads the value of a colour token such as `--axis-x` as it stands in the current theme. */
export function tokenColor(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}
