import { need, t } from "../trpc.ts";
import { annotateLaunchSchema, goldSchema, type AnnotationJobService } from "./jobs.ts";
import {
  decideSchema,
  fixSchema,
  itemSchema,
  propagateSchema,
  queueQuerySchema,
  segmentSchema,
  storeSchema,
  undoSchema,
  type ReviewService,
} from "./review.ts";

/** What the host must provide for the room. */
export type AnnotateService = ReviewService & AnnotationJobService;

/** Procedures of the Annotate room. */
export function annotateRouter(annotate: AnnotateService) {
  const { procedure } = t;
  return t.router({
    reviewer: procedure.query(() => annotate.reviewer()),
    stores: procedure.query(() => annotate.stores()),
    counts: procedure.input(storeSchema).query(({ input }) => annotate.counts(input.storeId)),
    queue: procedure.input(queueQuerySchema).query(({ input }) => annotate.queue(input)),
    item: procedure.input(itemSchema).query(({ input }) => annotate.item(input.storeId, input.episodeIndex)),
    decide: procedure.input(decideSchema).mutation(({ input }) => annotate.decide(input)),
    undo: procedure.input(undoSchema).mutation(({ input }) => annotate.undo(input)),
    segment: procedure.input(segmentSchema).query(({ input }) => annotate.segment(input)),
    propagate: procedure.input(propagateSchema).subscription(async function* ({ input, signal }) {
      yield* annotate.propagate(input, need(signal));
    }),
    recipes: procedure.query(() => annotate.recipes()),
    check: procedure.input(annotateLaunchSchema).query(({ input }) => annotate.check(input)),
    launch: procedure.input(annotateLaunchSchema).mutation(({ input }) => annotate.launch(input)),
    job: procedure.input(storeSchema).subscription(async function* ({ input, signal }) {
      yield* annotate.job(input.storeId, need(signal));
    }),
    reviewers: procedure.input(storeSchema).query(({ input }) => annotate.reviewers(input.storeId)),
    score: procedure.input(goldSchema).subscription(async function* ({ input, signal }) {
      yield* annotate.score(input, need(signal));
    }),
    fix: procedure.input(fixSchema).mutation(({ input }) => annotate.fix(input)),
  });
}
