import { fileURLToPath } from "node:url";
import type { PolicySpec } from "@pixelvla/bench";
import type { Player } from "@pixelvla/studio-contract";
import { checkpointDir } from "../playground/policies.ts";
import type { RunCatalog } from "../runs/catalog.ts";

/** Who acts, as the benchmark makes it on any thread. @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_CHECKPOINT */
export async function policySpec(player: Player, runs: RunCatalog): Promise<PolicySpec> {
  if (player.kind === "builtin") return { policy: player.name };
  if (player.kind === "server")
    return {
      policy: fileURLToPath(import.meta.resolve("@pixelvla/serving/remote-policy")),
      options: { server: player.url },
    };
  const run = await checkpointDir(runs, player);
  return { policy: fileURLToPath(import.meta.resolve("@pixelvla/training/tabletop-policy")), options: { run } };
}

/** The same for `pixelvla bench run`. */
export async function policyArguments(player: Player, runs: RunCatalog): Promise<string[]> {
  if (player.kind === "builtin") return [`--policy=${player.name}`];
  if (player.kind === "server") return [`--server=${player.url}`];
  const { place } = await runs.get(player.runId);
  const checkpoint = await checkpointDir(runs, player);
  return [`--policy=${player.step === undefined ? place.dir : checkpoint}`];
}
