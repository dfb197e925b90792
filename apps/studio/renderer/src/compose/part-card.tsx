import { Handle, Position, type NodeProps, type Node } from "@xyflow/react";
import type { ComposedPart } from "../host/types.ts";
import { formatBig } from "./big-numbers.ts";
import { titles } from "./layout.ts";

export type PartNode = Node<{ part: ComposedPart; isFaulty: boolean }, "part">;
export type EndNode = Node<{ name: string }, "end">;

const words: Readonly<Record<ComposedPart["state"], string>> = {
  trained: "trained",
  lora: "LoRA adapters trained",
  partly: "partly trained",
  frozen: "frozen",
  "left out": "left out in this stage",
};

/** One part of the policy: what stands there, how large it is, and whether it trains. Frozen is hatched, LoRA a notch. */
export function PartCard({ data: { part, isFaulty }, selected }: NodeProps<PartNode>) {
  const { plugin, state, parameters, trainableParameters } = part;
  return (
    <div
      className="part-card"
      data-state={plugin === null ? "none" : state}
      data-selected={selected || undefined}
      data-faulty={isFaulty || undefined}
      data-part={part.part}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className="part-title">{titles[part.part]}</span>
      <strong className="truncate">{plugin ?? "none"}</strong>
      {plugin !== null && (
        <span className="part-facts number">
          {parameters > 0 ? `${formatBig(parameters)} parameters` : "–"}
          {state === "lora" || state === "partly" ? `, ${formatBig(trainableParameters)} trained` : ""}
        </span>
      )}
      {plugin !== null && <span className="part-state">{words[state]}</span>}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

/** What goes in or comes out. */
export function EndCard({ data: { name } }: NodeProps<EndNode>) {
  return (
    <div className="end-card">
      {name !== "action" && <Handle type="source" position={Position.Right} isConnectable={false} />}
      {titles[name] ?? name}
      {name === "action" && <Handle type="target" position={Position.Left} isConnectable={false} />}
    </div>
  );
}
