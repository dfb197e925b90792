import { basename } from "node:path";

/** The instruction a LIBERO file name spells: `KITCHEN_SCENE3_turn_on_the_stove_demo.hdf5` -> `turn on the stove`. */
export function liberoInstruction(file: string): string {
  const name = basename(file)
    .replace(/\.(hdf5|h5)$/i, "")
    .replace(/_demo$/, "");
  const scene = /SCENE\d+_/.exec(name);
  return (scene ? name.slice(scene.index + scene[0].length) : name).replaceAll("_", " ");
}
