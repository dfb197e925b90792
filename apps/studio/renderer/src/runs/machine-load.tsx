import { useEffect, useState } from "react";
import type { LoadSample } from "../host/types.ts";
import { machineLoad } from "../shell/status-line.tsx";
import { formatBytes, formatPercent } from "../text/format.ts";

const KEPT = 120;
const history: LoadSample[] = [];
machineLoad.subscribe(() => {
  const sample = machineLoad.get();
  if (sample === undefined) return;
  history.push(sample);
  if (history.length > KEPT) history.shift();
});

function Spark({ label, words, values }: { label: string; words: string; values: readonly number[] }) {
  const path = values
    .map(
      (value, index) =>
        `${index === 0 ? "M" : "L"}${((KEPT - values.length + index) / (KEPT - 1)) * 100} ${30 - Math.min(1, value) * 29}`,
    )
    .join("");
  return (
    <div className="spark">
      <div className="spark-words small number">
        <span className="secondary">{label}</span>
        <span>{words}</span>
      </div>
      <svg
        viewBox="0 0 100 30"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label} over the last minutes, now ${words}`}
      >
        <path d={path} vectorEffect="non-scaling-stroke" />
      </svg>
    </div>
  );
}

/** Use of this machine's processor, memory and accelerators over the last minutes. */
export function MachineLoad() {
  const [, setCount] = useState(0);
  useEffect(() => machineLoad.subscribe(() => setCount((count) => count + 1)), []);
  const now = history.at(-1);
  if (now === undefined) return null;
  return (
    <section className="panel-section">
      <h2 className="panel-title">This machine</h2>
      <Spark label="Processor" words={formatPercent(now.cpu)} values={history.map(({ cpu }) => cpu)} />
      <Spark
        label="Memory"
        words={`${formatBytes(now.memoryUsedBytes)} of ${formatBytes(now.memoryBytes)}`}
        values={history.map((sample) => sample.memoryUsedBytes / sample.memoryBytes)}
      />
      {now.gpus.map((gpu, index) => (
        <div key={index}>
          <Spark
            label={`GPU ${index}, ${gpu.name}`}
            words={formatPercent(gpu.utilisation)}
            values={history.map(({ gpus }) => gpus[index]?.utilisation ?? 0)}
          />
          <Spark
            label={`GPU ${index} memory`}
            words={`${formatBytes(gpu.memoryUsedBytes)} of ${formatBytes(gpu.memoryBytes)}`}
            values={history.map(({ gpus }) =>
              gpus[index] ? gpus[index].memoryUsedBytes / gpus[index].memoryBytes : 0,
            )}
          />
        </div>
      ))}
    </section>
  );
}
