import type { CameraInfo } from "../episode.ts";
import { badHdf5 } from "../errors.ts";
import { concatColumns } from "../standardise/columns.ts";
import type { NumericColumn, RecordedFrames } from "../standardise/recorded.ts";
import type { Hdf5File } from "./hdf5-file.ts";

/** One demonstration inside a file. */
export interface Demo {
  readonly file: string;
  /** Group in the file, `data/demo_0`. */
  readonly path: string;
  readonly nFrames: number;
  readonly cameras: readonly CameraInfo[];
  /** Rows run from bottom to top (OpenGL), as robosuite renders by default. */
  readonly isBottomUp: boolean;
}

/** Demonstrations of a file in numeric order; their numbers may have gaps. @throws PVLA_DATA_HDF5 */
export function listDemos(file: Hdf5File): Demo[] {
  const names = file.keys("data").filter((name) => /^demo_\d+$/.test(name));
  if (names.length === 0)
    throw badHdf5(file.name, "data", "no demonstrations", { needed: "groups named demo_0, demo_1, …" });
  const convention = file.attribute("data", "macros_image_convention");
  const isBottomUp = convention !== "opencv";
  return names
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map((name) => {
      const path = `data/${name}`;
      const shape = file.shape(`${path}/actions`);
      if (!shape) throw badHdf5(file.name, `${path}/actions`, "no such dataset", { needed: "actions [T, 7]" });
      return { file: file.name, path, nFrames: shape[0] ?? 0, cameras: cameras(file, path), isBottomUp };
    });
}

/** Reads a demonstration's numbers; state is end effector (6) and fingers (2), as the RLDS copies have it. */
export function recordedDemo(file: Hdf5File, { path, nFrames }: Demo): RecordedFrames {
  const column = (name: string): NumericColumn => {
    const found = file.numeric(`${path}/${name}`);
    if (found.values.length === nFrames * found.width) return found;
    const rows = found.values.length / found.width;
    throw badHdf5(file.name, `${path}/${name}`, `${rows} rows`, { needed: `${nFrames} as actions have` });
  };
  const obs = file.keys(`${path}/obs`);
  const stateParts = obs.includes("ee_states")
    ? ["obs/ee_states", "obs/gripper_states"]
    : ["obs/ee_pos", "obs/ee_ori", "obs/gripper_states"];
  const columns = new Map<string, NumericColumn>([
    ["action", column("actions")],
    ["observation/state", concatColumns(stateParts.map(column), nFrames)],
  ]);
  return { nFrames, numericKeys: [...columns.keys()], numeric: (key) => columns.get(key) };
}

function cameras(file: Hdf5File, path: string): CameraInfo[] {
  return file.keys(`${path}/obs`).flatMap((key) => {
    const shape = file.shape(`${path}/obs/${key}`);
    const isImage = shape?.length === 4 && shape[3] === 3;
    return isImage ? [{ key, heightPx: shape[1]!, widthPx: shape[2]! }] : [];
  });
}
