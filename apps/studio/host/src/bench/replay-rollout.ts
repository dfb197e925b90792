import { actionsOf, MASK_SOURCES, maskFrom, Renderer, replayEpisode, type MaskSource } from "@pixelvla/bench";
import type { RolloutEvent } from "@pixelvla/studio-contract";
import { actionRows, startEvent, stepEvent } from "./rollout-events.ts";
import type { RolloutJob } from "./rollout-messages.ts";

/** Steps ahead that are drawn of what was done. */
const AHEAD = 8;

/** Plays a saved episode again, as fast as it goes. @throws PVLA_BENCH_REPLAY when it does not come out as recorded */
export async function replay(
  { log, imageSizePx, maskSource }: Extract<RolloutJob, { kind: "replay" }>,
  tell: (event: RolloutEvent) => void,
): Promise<void> {
  const done = actionRows(actionsOf(log));
  let renderer: Renderer | undefined;
  let mask: Uint8Array | undefined;
  let stepIndex = 0;
  try {
    await replayEpisode(log, async (world, spec) => {
      renderer ??= new Renderer(world, imageSizePx);
      const frame = renderer.render();
      if (stepIndex === 0) {
        tell(startEvent(world, spec));
        if (isMaskSource(maskSource)) mask = await maskFrom(maskSource, frame, spec);
      }
      tell(await stepEvent(world, frame, mask, done.slice(stepIndex, stepIndex + AHEAD), false));
      stepIndex++;
    });
  } finally {
    renderer?.dispose();
  }
  tell({ kind: "end", outcome: undefined });
}

const isMaskSource = (name: string): name is MaskSource => (MASK_SOURCES as readonly string[]).includes(name);
