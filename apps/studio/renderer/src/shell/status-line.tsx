import { useState } from "react";
import type { LoadSample } from "../host/types.ts";
import { host } from "../host/client.ts";
import { useSubscription } from "../host/use-subscription.ts";
import { createStore, useStore } from "../store/store.ts";
import { formatBytes, formatPercent } from "../text/format.ts";

/** What is under the pointer or was just done; rooms set it, the status line shows it. */
export const statusText = createStore("");

/** Use of the machine as the host last measured it, for the status line and the Runs room. */
export const machineLoad = createStore<LoadSample | undefined>(undefined);

/** The lowest line: what is under the pointer on the left, how busy the machine is on the right. */
export function StatusLine() {
  const text = useStore(statusText);
  const [load, setLoad] = useState<LoadSample>();
  useSubscription<LoadSample>(
    "load",
    (listeners) => host.system.load.subscribe(undefined, listeners),
    (sample) => {
      setLoad(sample);
      machineLoad.set(sample);
    },
  );
  return (
    <footer className="status number">
      <span className="truncate status-text">{text}</span>
      {load?.gpus.map((gpu, index) => (
        <span key={index} title={gpu.name}>
          GPU {index} {formatPercent(gpu.utilisation)} · {formatBytes(gpu.memoryUsedBytes)} of{" "}
          {formatBytes(gpu.memoryBytes)}
        </span>
      ))}
      {load && <span>CPU {formatPercent(load.cpu)}</span>}
      {load && (
        <span>
          Memory {formatBytes(load.memoryUsedBytes)} of {formatBytes(load.memoryBytes)}
        </span>
      )}
    </footer>
  );
}
