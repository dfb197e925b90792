import { defineCommand } from "citty";
import { lazyCommand } from "../../terminal/lazy-command.ts";

/** `pixelvla data …` */
export const dataCommand = defineCommand({
  meta: { name: "data", description: "Look at, check, convert and fetch robot datasets" },
  subCommands: {
    inspect: lazyCommand({
      meta: { name: "inspect", description: "Show what a dataset holds, its episodes, or one episode" },
      load: () => import("./inspect.ts").then((m) => m.inspectCommand),
    }),
    check: lazyCommand({
      meta: { name: "check", description: "Find what silently ruins training on a dataset" },
      load: () => import("./check.ts").then((m) => m.checkCommand),
    }),
    stats: lazyCommand({
      meta: { name: "stats", description: "Compute normalisation statistics (OpenVLA's dataset_statistics.json)" },
      load: () => import("./stats.ts").then((m) => m.statsCommand),
    }),
  },
});
