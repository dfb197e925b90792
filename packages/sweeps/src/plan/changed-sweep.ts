import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pixelVlaError } from "@pixelvla/core";
import type { LoadedSweep, Sweep } from "./sweep-file.ts";

/** What the command line or the studio changes about a sweep file. */
export interface SweepChanges {
  /** `FAMILY=FOLDER-OR-NAME`. */
  readonly bases: readonly string[];
  readonly families: readonly string[] | undefined;
  readonly seeds: readonly number[] | undefined;
  readonly episodes: number | undefined;
}

/** The sweep with the changes made; `--episodes` counts for every column. @throws PVLA_ARGUMENTS */
export function changedSweep(loaded: LoadedSweep, changes: SweepChanges): LoadedSweep {
  const { sweep } = loaded;
  const { seeds, episodes } = changes;
  const chosen = changes.families ?? Object.keys(sweep.families);
  for (const family of chosen) known(sweep, "--families", family);
  const families: Sweep["families"] = Object.fromEntries(chosen.map((name) => [name, sweep.families[name]!]));
  for (const text of changes.bases) {
    const [family = "", ...rest] = text.split("=");
    known({ ...sweep, families }, "--base", family);
    const init = rest.join("=");
    families[family] = { ...families[family]!, base: { init: existsSync(init) ? resolve(init) : init } };
  }
  const arms = sweep.arms
    .map((arm) => ({ ...arm, ...(arm.families && { families: arm.families.filter((name) => chosen.includes(name)) }) }))
    .filter((arm) => arm.families?.length !== 0);
  return {
    ...loaded,
    sweep: {
      ...sweep,
      families,
      arms,
      ...(seeds === undefined ? {} : { seeds: [...seeds] }),
      ...(episodes === undefined
        ? {}
        : {
            evaluation: { ...sweep.evaluation, episodes },
            columns: sweep.columns.map((column) => ({ ...column, episodes: undefined })),
          }),
    },
  };
}

function known({ families }: Pick<Sweep, "families">, option: string, name: string): void {
  if (name in families) return;
  throw pixelVlaError("PVLA_ARGUMENTS", {
    doing: "Changing the sweep",
    found: `${option} names "${name}"`,
    needed: `one of ${Object.keys(families).join(", ")}`,
  });
}
