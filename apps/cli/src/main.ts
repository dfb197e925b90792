import { defineCommand } from "citty";
import { annotateCommand } from "./commands/annotate/group.ts";
import { dataCommand } from "./commands/data/group.ts";
import { modelsCommand } from "./commands/models/group.ts";
import { recipeCommand } from "./commands/recipe/group.ts";
import { sweepCommand } from "./commands/sweep/group.ts";
import { lazyCommand } from "./terminal/lazy-command.ts";

const jobs = defineCommand({
  meta: { name: "jobs", description: "Running and finished jobs of a workspace" },
  subCommands: {
    list: lazyCommand({
      meta: { name: "list", description: "List the jobs of a workspace" },
      load: () => import("./commands/jobs/list.ts").then((m) => m.listCommand),
    }),
    show: lazyCommand({
      meta: { name: "show", description: "Show one job: state, progress, last metrics, checkpoints" },
      load: () => import("./commands/jobs/show.ts").then((m) => m.showCommand),
    }),
    stop: lazyCommand({
      meta: { name: "stop", description: "Ask a job to save and stop" },
      load: () => import("./commands/jobs/command.ts").then((m) => m.stopCommand),
    }),
    pause: lazyCommand({
      meta: { name: "pause", description: "Ask a job to rest between two steps" },
      load: () => import("./commands/jobs/command.ts").then((m) => m.pauseCommand),
    }),
    resume: lazyCommand({
      meta: { name: "resume", description: "Ask a paused job to go on" },
      load: () => import("./commands/jobs/command.ts").then((m) => m.resumeCommand),
    }),
  },
});

const bench = defineCommand({
  meta: { name: "bench", description: "The tabletop benchmark: demonstrations, evaluations, films" },
  subCommands: {
    record: lazyCommand({
      meta: {
        name: "record",
        description: "Record demonstrations of the scripted expert as a LeRobot v3 pixel dataset",
      },
      load: () => import("./commands/bench/record.ts").then((m) => m.benchRecordCommand),
    }),
    run: lazyCommand({
      meta: { name: "run", description: "Play a policy on the tabletop benchmark and report success with intervals" },
      load: () => import("./commands/bench/run.ts").then((m) => m.benchRunCommand),
    }),
    render: lazyCommand({
      meta: { name: "render", description: "Replay episode logs bit for bit and render each as an animated WebP" },
      load: () => import("./commands/bench/render.ts").then((m) => m.benchRenderCommand),
    }),
  },
});

const studio = lazyCommand({
  meta: { name: "studio", description: "Open the studio on a workspace" },
  load: () => import("./commands/studio.ts").then((m) => m.studioCommand),
});

const start = lazyCommand({
  meta: { name: "start", description: "The main job: record, annotate, train, evaluate, report" },
  load: () => import("./commands/start.ts").then((m) => m.startCommand),
});

const train = lazyCommand({
  meta: { name: "train", description: "Train a recipe on a dataset" },
  load: () => import("./commands/train.ts").then((m) => m.trainCommand),
});

const doctor = lazyCommand({
  meta: { name: "doctor", description: "Find what silently ruins a training run before it starts" },
  load: () => import("./commands/doctor.ts").then((m) => m.doctorCommand),
});

const predict = lazyCommand({
  meta: { name: "predict", description: "Print a predicted action chunk beside the demonstrated one" },
  load: () => import("./commands/predict.ts").then((m) => m.predictCommand),
});

const serve = lazyCommand({
  meta: { name: "serve", description: "Serve a policy to openpi, OpenVLA, OpenVLA-OFT and vla-eval clients" },
  load: () => import("./commands/serve.ts").then((m) => m.serveCommand),
});

const exportVerb = lazyCommand({
  meta: { name: "export", description: "Write a policy as a plain ONNX folder that needs nothing of ours" },
  load: () => import("./commands/export.ts").then((m) => m.exportCommand),
});

/** The `pixelvla` command: every verb is a file under commands/, loaded when it is run. */
export const mainCommand = defineCommand({
  meta: {
    name: "pixelvla",
    version: "0.1.0",
    description: "Build, annotate, train, inspect, evaluate and serve pixel-aware vision-language-action policies",
  },
  subCommands: {
    start,
    recipe: recipeCommand,
    models: modelsCommand,
    data: dataCommand,
    annotate: annotateCommand,
    doctor,
    train,
    sweep: sweepCommand,
    predict,
    serve,
    export: exportVerb,
    bench,
    jobs,
    studio,
  },
});
