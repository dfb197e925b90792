import type { HostArray } from "@pixelvla/core";
import { buffersOf } from "../tensor-spec.ts";
import { serveWorker, Transferred } from "../worker/serve-worker.ts";
import { OrtSession, type SessionModel, type SessionSettings } from "./ort-session.ts";

/** Worker thread of one executable: `open`, then any number of `run`s. */
let session: OrtSession | undefined;

serveWorker({
  async open({ model, settings }: { model: SessionModel; settings: SessionSettings }) {
    session = await OrtSession.create(model, settings);
  },
  async run({ feeds, into }: { feeds: Record<string, HostArray>; into: Record<string, HostArray> }) {
    const outputs = await session!.run(feeds, into);
    return new Transferred(outputs, buffersOf(Object.values(outputs)));
  },
  async close() {
    await session?.dispose();
  },
});
