import type { Player, PolicyItem } from "../host/types.ts";

/** The value of the list of players: `expert`, `run:ID` or `server`. */
export function playerOf(value: string, server: string): Player {
  if (value === "server") return { kind: "server", url: server };
  if (value.startsWith("run:")) return { kind: "run", runId: value.slice(4) };
  return { kind: "builtin", name: value as "expert" | "random" | "null" };
}

/** Everything that can act, checkpoints first. */
export function playerChoices(policies: readonly PolicyItem[]) {
  return [
    {
      group: "Checkpoints",
      items: policies.map(({ runId, name, steps }) => ({
        value: `run:${runId}`,
        label: `${name}, step ${steps.at(-1)}`,
      })),
    },
    {
      group: "Without a checkpoint",
      items: [
        { value: "expert", label: "expert (scripted)" },
        { value: "random", label: "random" },
        { value: "null", label: "null (never moves)" },
        { value: "server", label: "policy behind a server" },
      ],
    },
  ];
}
