import type { DoctorCheck, DoctorEvent } from "@pixelvla/studio-contract";
import type { connect } from "./studio.ts";

type Client = ReturnType<typeof connect>;
type Request = Parameters<Client["runs"]["doctor"]["subscribe"]>[0];

/** Everything the doctor finds. `onProgress` hears what it looks at. */
export function examined(
  client: Client,
  request: Request,
  onProgress?: (event: Extract<DoctorEvent, { kind: "progress" }>) => void,
): Promise<readonly DoctorCheck[]> {
  return new Promise((resolve, reject) => {
    client.runs.doctor.subscribe(request, {
      onData: (event: DoctorEvent) => (event.kind === "result" ? resolve(event.checks) : onProgress?.(event)),
      onError: reject,
    });
  });
}
