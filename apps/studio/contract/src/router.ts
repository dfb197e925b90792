import { annotateRouter, type AnnotateService } from "./annotate/router.ts";
import type { ComposeService } from "./compose/compose.ts";
import { composeRouter } from "./compose/router.ts";
import {
  datasetSchema,
  episodeQuerySchema,
  episodeSchema,
  facetSchema,
  folderSchema,
  type DatasetService,
} from "./datasets.ts";
import {
  bandQuerySchema,
  cloneSchema,
  commandSchema,
  curveQuerySchema,
  launchSchema,
  logQuerySchema,
  runQuerySchema,
  runSchema,
  runsSchema,
  type RunService,
} from "./runs.ts";
import { benchRouter, type BenchService } from "./bench/router.ts";
import { playgroundRouter, type PlaygroundService } from "./playground/router.ts";
import { servedRouter, type ServedService } from "./playground/served.ts";
import { sweepsRouter, type SweepService } from "./sweeps/router.ts";
import type { SystemService } from "./system.ts";
import { need, t } from "./trpc.ts";

/** What stands behind the procedures. */
export interface StudioServices {
  readonly datasets: DatasetService;
  readonly runs: RunService;
  readonly annotate: AnnotateService;
  readonly compose: ComposeService;
  readonly playground: PlaygroundService;
  readonly served: ServedService;
  readonly bench: BenchService;
  readonly sweeps: SweepService;
  readonly system: SystemService;
}

/**
 * Every procedure of the studio over the services that do the work. Inputs are validated here, so a service may trust them.
 * Types flow to the renderer through `StudioRouter`; nothing else of this file is needed there.
 */
export function createStudioRouter({
  datasets,
  runs,
  annotate,
  compose,
  playground,
  served,
  bench,
  sweeps,
  system,
}: StudioServices) {
  const procedure = t.procedure;
  return t.router({
    datasets: t.router({
      list: procedure.query(() => datasets.list()),
      folders: procedure.input(folderSchema).query(({ input }) => datasets.folders(input.path)),
      open: procedure.input(folderSchema).mutation(({ input }) => datasets.open(input.path)),
      get: procedure.input(datasetSchema).query(({ input }) => datasets.get(input.datasetId)),
      episodes: procedure.input(episodeQuerySchema).query(({ input }) => datasets.episodes(input)),
      facets: procedure.input(facetSchema).query(({ input }) => datasets.facets(input.datasetId, input.filter)),
      episode: procedure
        .input(episodeSchema)
        .query(({ input }) => datasets.episode(input.datasetId, input.episodeIndex)),
      annotation: procedure
        .input(episodeSchema)
        .query(({ input }) => datasets.annotation(input.datasetId, input.episodeIndex)),
      statistics: procedure.input(datasetSchema).subscription(async function* ({ input, signal }) {
        yield* datasets.statistics(input.datasetId, need(signal));
      }),
    }),
    runs: t.router({
      list: procedure.input(runQuerySchema).query(({ input }) => runs.list(input)),
      ids: procedure.input(runQuerySchema).query(({ input }) => runs.ids(input)),
      get: procedure.input(runSchema).query(({ input }) => runs.get(input.runId)),
      keys: procedure.input(runsSchema).query(({ input }) => runs.keys(input.runIds)),
      curves: procedure.input(curveQuerySchema).query(({ input }) => runs.curves(input)),
      bands: procedure.input(bandQuerySchema).query(({ input }) => runs.bands(input)),
      log: procedure.input(logQuerySchema).query(({ input }) => runs.log(input)),
      diff: procedure.input(runsSchema).query(({ input }) => runs.diff(input.runIds)),
      recipes: procedure.query(() => runs.recipes()),
      doctor: procedure.input(launchSchema).subscription(async function* ({ input, signal }) {
        yield* runs.doctor(input, need(signal));
      }),
      launch: procedure.input(launchSchema).mutation(({ input }) => runs.launch(input)),
      clone: procedure.input(cloneSchema).mutation(({ input }) => runs.clone(input)),
      command: procedure.input(commandSchema).mutation(({ input }) => runs.command(input.runId, input.command)),
      changes: procedure.subscription(async function* ({ signal }) {
        yield* runs.changes(need(signal));
      }),
      live: procedure.input(runSchema).subscription(async function* ({ input, signal }) {
        yield* runs.live(input.runId, need(signal));
      }),
    }),
    annotate: annotateRouter(annotate),
    compose: composeRouter(compose),
    playground: playgroundRouter(playground),
    served: servedRouter(served),
    bench: benchRouter(bench),
    sweeps: sweepsRouter(sweeps),
    system: t.router({
      info: procedure.query(() => system.info()),
      devices: procedure.query(() => system.devices()),
      load: procedure.subscription(async function* ({ signal }) {
        yield* system.load(need(signal));
      }),
    }),
  });
}

/** The router's type, for `createTRPCClient<StudioRouter>`. */
export type StudioRouter = ReturnType<typeof createStudioRouter>;
