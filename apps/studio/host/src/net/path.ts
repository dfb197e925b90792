/**
 * Segments of a request's path, each decoded once. Works on the raw text: `new URL` would quietly resolve `..` and its encoded
 * forms, and what was asked must be seen to be refused. Undefined where the path is not well-formed.
 */
export function pathSegments(rawUrl: string): string[] | undefined {
  const [path = ""] = rawUrl.split(/[?#]/, 1);
  if (!path.startsWith("/")) return undefined;
  try {
    return path.slice(1).split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Whether every segment is a plain name: no separator, no `.` or `..`, no NUL, not empty. */
export function arePlainNames(segments: readonly string[]): boolean {
  return segments.every((name) => name !== "" && name !== "." && name !== ".." && !/[\\/\0]/.test(name));
}
