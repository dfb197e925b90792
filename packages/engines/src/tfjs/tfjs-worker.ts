import type { HostArray } from "@pixelvla/core";
import { buffersOf } from "../tensor-spec.ts";
import { serveWorker, Transferred } from "../worker/serve-worker.ts";
import { loadBackend, type TfjsProvider } from "./backends.ts";
import { Interpreter } from "./interpreter.ts";
import type { WireProgram } from "./wire-program.ts";

/** Worker thread of one tfjs executable: `load` a backend, `open` a program, then any number of `run`s. */
let interpreter: Interpreter | undefined;

serveWorker({
  load: (provider: TfjsProvider) => loadBackend(provider),
  open(program: WireProgram) {
    interpreter = new Interpreter(program);
  },
  async run({ feeds }: { feeds: Record<string, HostArray> }) {
    const outputs = await interpreter!.run(feeds);
    return new Transferred(outputs, buffersOf(Object.values(outputs)));
  },
  close() {
    interpreter?.dispose();
  },
});
