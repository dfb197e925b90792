import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { host } from "../host/client.ts";
import { useHostInfo } from "../host/use-host-info.ts";
import type { Composition } from "../host/types.ts";
import { formatBytes, formatPercent } from "../text/format.ts";
import { formatBig, formatFlops } from "./big-numbers.ts";

const GIB = 2 ** 30;
/** Common accelerators, for planning beyond this machine. */
const elsewhere = [
  { value: "24", label: "a GPU with 24 GiB" },
  { value: "48", label: "a GPU with 48 GiB" },
  { value: "80", label: "a GPU with 80 GiB" },
  { value: "141", label: "a GPU with 141 GiB" },
];

/** What a train step costs: parameters, operations, and its memory by kind against that of a device. */
export function CostBar({ composition: { cost, tookMs } }: { composition: Composition }) {
  const info = useHostInfo();
  const { data: devices = [] } = useQuery({ queryKey: ["system.devices"], queryFn: () => host.system.devices.query() });
  const [device, setDevice] = useState("this machine");
  const gpus = devices.filter(({ kind, detail }) => kind === "cuda" && /GiB/.test(detail));
  const choices = [
    { value: "this machine", label: `this machine, ${formatBytes(info?.memoryBytes ?? 0)}` },
    ...gpus.map(({ name, detail }) => ({ value: name, label: `${name}, ${detail}` })),
    ...elsewhere,
  ];
  const gpu = gpus.find(({ name }) => name === device);
  const availableBytes =
    device === "this machine"
      ? (info?.memoryBytes ?? 0)
      : GIB * Number.parseFloat(gpu === undefined ? device : gpu.detail);
  if (cost === undefined) return <div className="cost-bar" />;
  const kinds = [
    ["weights", cost.weightBytes],
    ["activations", cost.activationBytes],
    ["gradients", cost.gradientBytes],
    ["optimizer", cost.optimizerBytes],
  ] as const;
  const bytes = kinds.reduce((sum, [, n]) => sum + n, 0);
  const share = availableBytes === 0 ? 0 : bytes / availableBytes;
  const level = share > 1 ? "fail" : share > 0.7 ? "warn" : "ok";
  return (
    <div className="cost-bar number small" data-testid="cost">
      <span>
        <strong>{formatBig(cost.parameters)}</strong> parameters, {formatBig(cost.trainableParameters)} trained (
        {formatPercent(cost.parameters === 0 ? 0 : cost.trainableParameters / cost.parameters)})
      </span>
      <span>
        <strong>{formatFlops(cost.forwardFlops + cost.backwardFlops)}</strong> a train step, batch {cost.batchSize}
      </span>
      <span className="cost-memory">
        <strong>{formatBytes(bytes)}</strong>
        <span
          className="cost-track"
          role="img"
          aria-label={kinds.map(([kind, n]) => `${kind} ${formatBytes(n)}`).join(", ")}
          title={kinds.map(([kind, n]) => `${kind} ${formatBytes(n)}`).join("\n")}
        >
          {kinds.map(([kind, n]) => (
            <span
              key={kind}
              data-kind={kind}
              style={{ width: `${Math.min(100, (100 * n) / Math.max(bytes, availableBytes, 1))}%` }}
            />
          ))}
        </span>
        <span data-level={level} className="cost-verdict">
          {share > 1 ? "does not fit" : share > 0.7 ? "tight" : "fits"}{" "}
          {share < 0.005 ? "(under 1 %)" : `(${formatPercent(share)})`}
        </span>
        <Select
          aria-label="Device"
          w={210}
          data={choices}
          value={device}
          onChange={(next) => next !== null && setDevice(next)}
        />
      </span>
      <span className="secondary cost-took">{Math.round(tookMs)} ms</span>
    </div>
  );
}
