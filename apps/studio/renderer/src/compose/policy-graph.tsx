import { Background, Controls, MarkerType, ReactFlow, type Edge } from "@xyflow/react";
import { useMemo } from "react";
import type { Composition, PolicyPart } from "../host/types.ts";
import { endsOf, partNames, places, titles } from "./layout.ts";
import { EndCard, PartCard, type EndNode, type PartNode } from "./part-card.tsx";
import "@xyflow/react/dist/style.css";

const nodeTypes = { part: PartCard, end: EndCard };

interface PolicyGraphProps {
  readonly composition: Composition;
  readonly selected: PolicyPart | undefined;
  readonly onSelect: (part: PolicyPart | undefined) => void;
}

/** The policy from left to right: what goes in, the parts, the action chunk. Wires carry the shape; the batch is part of it. */
export function PolicyGraph({ composition, selected, onSelect }: PolicyGraphProps) {
  const { parts, wires, problem } = composition;
  const nodes = useMemo((): (PartNode | EndNode)[] => {
    const cards = parts.map((part): PartNode => ({
      id: part.part,
      type: "part",
      position: places[part.part]!,
      data: { part, isFaulty: problem !== undefined && isNamed(problem.message, part.part, part.plugin) },
      selected: part.part === selected,
      draggable: false,
      ariaLabel: `${titles[part.part]}: ${part.plugin ?? "none"}`,
    }));
    const ends = endsOf(composition).map((name): EndNode => ({
      id: name,
      type: "end",
      position: places[name]!,
      data: { name },
      draggable: false,
      selectable: false,
      focusable: false,
    }));
    return [...cards, ...ends];
  }, [parts, problem, composition, selected]);
  const edges = useMemo(
    () =>
      wires
        .filter(({ from, to }) => from in places && to in places)
        .map(({ from, to, label }): Edge => ({
          id: `${from}-${to}`,
          source: from,
          target: to,
          label,
          focusable: false,
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
          labelBgPadding: [4, 2],
        })),
    [wires],
  );
  return (
    <div className="policy-graph" data-testid="graph">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ padding: 0.03 }}
        minZoom={0.3}
        maxZoom={1.6}
        nodesConnectable={false}
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) => partNames.includes(node.id as PolicyPart) && onSelect(node.id as PolicyPart)}
        onPaneClick={() => onSelect(undefined)}
        onNodesChange={(changes) => {
          const chosen = changes.find((change) => change.type === "select" && change.selected); // Enter on a focused card
          const part = partNames.find((name) => chosen !== undefined && "id" in chosen && name === chosen.id);
          if (part !== undefined && part !== selected) onSelect(part);
        }}
        deleteKeyCode={null}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </div>
  );
}

/** Whether the builder's sentence speaks of a part. */
function isNamed(message: string, part: PolicyPart, plugin: string | null): boolean {
  const spoken = titles[part]!.toLowerCase().replace("action ", "");
  return (
    message.includes(part) ||
    message.toLowerCase().includes(spoken) ||
    (plugin !== null && message.includes(`"${plugin}"`))
  );
}
