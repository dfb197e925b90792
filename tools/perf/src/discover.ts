import { readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseDefinition, type Definition } from "./definition.ts";
import { unknownBenchmark } from "./errors.ts";

/** Repository root, three folders up from this file. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const SKIPPED = new Set(["test-benchmarks", "node_modules", "dist", ".cache", "test", "peers"]);

/** Benchmark files by name: every `perf/NAME.perf.ts` below packages, apps and tools. Reads no file. */
export function benchmarkFiles(root: string = ROOT): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (folder: string, insidePerf: boolean) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) visit(path, insidePerf || entry.name === "perf");
      else if (insidePerf && entry.isFile() && entry.name.endsWith(".perf.ts"))
        found.set(basename(entry.name, ".perf.ts"), path);
    }
  };
  for (const top of ["packages", "apps", "tools"]) visit(join(root, top), false);
  return new Map([...found].sort(([a], [b]) => a.localeCompare(b)));
}

/** Imports and checks one benchmark. @throws PVLA_PERF_UNKNOWN, PVLA_PERF_DEFINITION */
export async function loadBenchmark(
  name: string,
  files: ReadonlyMap<string, string>,
): Promise<{ definition: Definition; file: string }> {
  const file = files.get(name);
  if (file === undefined) throw unknownBenchmark(name, [...files.keys()]);
  const module: unknown = await import(pathToFileURL(file).href);
  return { definition: parseDefinition(module, relative(ROOT, file), name), file };
}
