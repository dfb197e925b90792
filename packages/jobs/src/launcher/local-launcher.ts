import { z } from "zod";
import { defineLauncher } from "./launcher-plugin.ts";
import { launchLocal, setQueueSlots } from "./local.ts";

/** The queue of a `runs/` folder on this machine: jobs start in turn and outlive whoever launched them. */
export const localLauncher = defineLauncher({
  name: "local",
  summary: "a queue on this machine",
  options: z.strictObject({
    slots: z.int().positive().optional().describe("Jobs that may work at the same time from now on"),
  }),
  launch(request, { slots }) {
    if (slots !== undefined) setQueueSlots(request.runsDir, slots);
    const dir = launchLocal(request);
    return Promise.resolve({ dir, id: null, file: null, note: `queued; watch it with  pixelvla jobs show ${dir}` });
  },
});
