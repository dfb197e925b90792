import { stringify } from "yaml";
import type { ConfigDifference } from "@pixelvla/studio-contract";

/** The value at a dotted path of a parsed document; undefined where there is none. Only own keys count. */
export function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const key of path.split(".")) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A text at one of several paths, the first that has one. */
export function textAt(document: unknown, ...paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const value = valueAt(document, path);
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** One line of YAML for a value. */
export const inWords = (value: unknown): string => stringify(value, { flowLevel: 0 } as never).trim();

/** Leaves of a document by dotted path; a list is a leaf. */
export function leaves(document: unknown, prefix = "", into = new Map<string, string>()): Map<string, string> {
  if (
    document !== null &&
    typeof document === "object" &&
    !Array.isArray(document) &&
    Object.keys(document).length > 0
  ) {
    for (const [key, value] of Object.entries(document)) leaves(value, prefix === "" ? key : `${prefix}.${key}`, into);
  } else if (prefix !== "") into.set(prefix, document === undefined ? "" : JSON.stringify(document));
  return into;
}

/** Paths at which the documents are not all the same, with each one's value. */
export function differences(documents: readonly unknown[]): ConfigDifference[] {
  const flat = documents.map((document) => leaves(document));
  const paths = [...new Set(flat.flatMap((each) => [...each.keys()]))].sort();
  return paths
    .map((path) => ({ path, values: flat.map((each) => each.get(path)) }))
    .filter(({ values }) => new Set(values).size > 1);
}
