import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of real sample data beside the checkout; tests on it are skipped where it is absent. */
export function sharedData(name: string): { path: string; absent: boolean } {
  const path = fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url));
  return { path, absent: !existsSync(path) };
}
