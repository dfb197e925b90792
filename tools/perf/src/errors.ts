import { nearestName, pixelVlaError } from "@pixelvla/core";

export const unknownBenchmark = (name: string, available: readonly string[]) => {
  const near = nearestName(name, available);
  return pixelVlaError("PVLA_PERF_UNKNOWN", {
    doing: `Running npm run perf`,
    found: `no benchmark named "${name}"`,
    fix: `${near === undefined ? "" : `Did you mean "${near}"? `}Available: ${available.join(", ")}`,
  });
};

export const unknownCase = (name: string, wanted: string, available: readonly string[]) =>
  pixelVlaError("PVLA_PERF_CASE", {
    doing: `Running benchmark "${name}"`,
    found: `no case named "${wanted}"`,
    fix: `Available: ${available.join(", ")}`,
  });

export const unknownPeer = (name: string, wanted: string, available: readonly string[]) =>
  pixelVlaError("PVLA_PERF_PEER", {
    doing: `Running benchmark "${name}"`,
    found: `no peer named "${wanted}"`,
    fix: `Available: ${available.join(", ")}`,
  });

export const badDefinition = (file: string, found: string) =>
  pixelVlaError("PVLA_PERF_DEFINITION", {
    doing: `Reading benchmark ${file}`,
    found,
    needed: "an exported object `perf` as described in tools/perf/README.md",
  });

export const environmentMissing = (peer: string, path: string) =>
  pixelVlaError("PVLA_PERF_ENVIRONMENT", {
    doing: `Starting peer "${peer}"`,
    found: `no ${path}`,
    fix: "Run npm run peers:setup, or pass --no-peers",
  });

export const sideFailed = (side: string, found: string) =>
  pixelVlaError("PVLA_PERF_SIDE", { doing: `Measuring "${side}"`, found, fix: "Its output is above" });

export const usage = (found: string) =>
  pixelVlaError("PVLA_PERF_USAGE", {
    doing: "Reading the arguments of npm run perf",
    found,
    fix: "Usage: npm run perf -- [NAME] [--case NAME …] [--rounds N] [--turn-ms N] [--peer NAME] [--no-peers] [--json]",
  });
