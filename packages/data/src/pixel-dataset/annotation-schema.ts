import type { AnnotationRow } from "./annotation-columns.ts";
import { unknownSchema } from "./errors.ts";

/** Version of the annotation columns written today. */
export const ANNOTATION_SCHEMA = 2;

/** Turns a row of schema version `from` into one of version `from + 1`. */
export interface Migration {
  readonly from: number;
  readonly migrate: (row: AnnotationRow) => AnnotationRow;
}

/** Version 2 added where a mask comes from, its quality measures, and doubt with its reason: unknown for older rows. */
const fromVersion1: Migration = {
  from: 1,
  migrate: (row) => ({
    ...row,
    "annotation.origin": "",
    "annotation.quality.agreement": -1,
    "annotation.quality.fragmentation": -1,
    "annotation.quality.gripper_distance": -1,
    "annotation.quality.stability": -1,
    "annotation.quality.phrase_match": -1,
    "annotation.doubt": -1,
    "annotation.doubt_reason": "",
  }),
};

/** Migrations to the current version, oldest first. */
export const MIGRATIONS: readonly Migration[] = [fromVersion1];

/**
 * The function that brings rows of version `version` up to `current`.
 *
 * @param where file, for the error sentence
 * @throws PVLA_PIXELS_SCHEMA for a version from the future, or one without a path of migrations
 */
export function migrationFrom(
  version: unknown,
  where: string,
  migrations: readonly Migration[] = MIGRATIONS,
  current: number = ANNOTATION_SCHEMA,
): (row: AnnotationRow) => AnnotationRow {
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1)
    throw unknownSchema(where, `no valid schema version (${String(version)})`, current);
  if (version > current) throw unknownSchema(where, `annotation schema version ${version}`, current);
  const steps: Migration[] = [];
  for (let v = version; v < current; v++) {
    const step = migrations.find(({ from }) => from === v);
    if (step === undefined)
      throw unknownSchema(where, `annotation schema version ${version}, from which no migration is known`, current);
    steps.push(step);
  }
  return (row) => steps.reduce((now, { migrate }) => migrate(now), row);
}
