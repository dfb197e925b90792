import { ActionIcon, Slider, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconBrush, IconLine, IconPoint, IconSquare, IconTrash } from "@tabler/icons-react";
import type { DrawnKind } from "../host/types.ts";

const tools: readonly { kind: DrawnKind; title: string; key: string; icon: typeof IconPoint }[] = [
  { kind: "point", title: "Point (Alt or right button: not the object)", key: "1", icon: IconPoint },
  { kind: "line", title: "Line along the object", key: "2", icon: IconLine },
  { kind: "box", title: "Box around the object", key: "3", icon: IconSquare },
  { kind: "mask", title: "Brush a mask (Alt or right button wipes)", key: "4", icon: IconBrush },
];

/** What the drawing is done with, undo and clear; below it the brush's width. */
export function ToolRow({
  tool,
  brushPx,
  canUndo,
  onTool,
  onBrush,
  onUndo,
  onClear,
}: {
  tool: DrawnKind;
  brushPx: number;
  canUndo: boolean;
  onTool: (tool: DrawnKind) => void;
  onBrush: (px: number) => void;
  onUndo: () => void;
  onClear: () => void;
}) {
  return (
    <>
      <div className="tool-row" role="group" aria-label="Tools">
        {tools.map(({ kind: each, title, key, icon: Icon }) => (
          <Tooltip key={each} label={`${title}  ${key}`}>
            <ActionIcon
              aria-label={each}
              aria-pressed={tool === each}
              data-active={tool === each || undefined}
              onClick={() => onTool(each)}
            >
              <Icon size={16} />
            </ActionIcon>
          </Tooltip>
        ))}
        <div className="toolbar-space" />
        <Tooltip label="Undo  Z">
          <ActionIcon aria-label="Undo" disabled={!canUndo} onClick={onUndo}>
            <IconArrowBackUp size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Clear  Backspace">
          <ActionIcon aria-label="Clear" disabled={!canUndo} onClick={onClear}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {tool === "mask" && (
        <Slider thumbLabel="Width of the brush" size="xs" min={2} max={60} value={brushPx} onChange={onBrush} mb={8} />
      )}
    </>
  );
}
