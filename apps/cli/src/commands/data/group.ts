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
    convert: lazyCommand({
      meta: {
        name: "convert",
        description: "Write any dataset as a pixel dataset (LeRobot v3 with annotation columns)",
      },
      load: () => import("./convert.ts").then((m) => m.convertCommand),
    }),
    export: lazyCommand({
      meta: { name: "export", description: "Write annotations and their frames for another tool" },
      load: () => import("./export.ts").then((m) => m.exportCommand),
    }),
    import: lazyCommand({
      meta: { name: "import", description: "Take annotations made in another tool into the dataset's sidecar" },
      load: () => import("./import.ts").then((m) => m.importCommand),
    }),
    pull: lazyCommand({
      meta: { name: "pull", description: "Download a public dataset; interrupted, the same command goes on" },
      load: () => import("./pull.ts").then((m) => m.pullCommand),
    }),
  },
});
