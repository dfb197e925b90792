import { ActionIcon, Button, SegmentedControl, Select, Slider, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowBarBoth,
  IconBrush,
  IconCheck,
  IconDeviceFloppy,
  IconEyeOff,
  IconFlag,
  IconLine,
  IconMask,
  IconPointer,
  IconPointFilled,
  IconSquare,
  IconX,
} from "@tabler/icons-react";
import type { FixTool } from "./fix.ts";

export interface ReviewActions {
  readonly accept: () => void;
  readonly reject: () => void;
  readonly hard: () => void;
  readonly undo: () => void;
  readonly propagate: () => void;
  readonly save: () => void;
  readonly clear: () => void;
}

interface ToolbarProps {
  readonly tool: FixTool | undefined;
  readonly onTool: (tool: FixTool | undefined) => void;
  readonly showMask: boolean;
  readonly onShowMask: (show: boolean) => void;
  readonly showPrompts: boolean;
  readonly onShowPrompts: (show: boolean) => void;
  readonly direction: "backward" | "both" | "forward";
  readonly onDirection: (direction: "backward" | "both" | "forward") => void;
  readonly brushPx: number;
  readonly onBrushPx: (px: number) => void;
  readonly models: "embedded" | "recipe";
  /** Name of the job's own segmenter; undefined where there is no job. */
  readonly recipeSegmenter: string | undefined;
  readonly onModels: (models: "embedded" | "recipe") => void;
  readonly isDirty: boolean;
  readonly isBusy: boolean;
  readonly actions: ReviewActions;
}

const tools = [
  { tool: "point", icon: IconPointer, label: "Point: click the object, right click or shift for what is not  1" },
  { tool: "box", icon: IconSquare, label: "Box around the object  2" },
  { tool: "line", icon: IconLine, label: "Line along the object  3" },
  { tool: "brush", icon: IconBrush, label: "Brush: paint, right button or shift erases  4" },
] as const;

/** Verdicts left, tools of the fix in the middle, what is shown right. */
export function ReviewToolbar(props: ToolbarProps) {
  const { tool, onTool, actions, isDirty, isBusy } = props;
  return (
    <div className="toolbar review-toolbar">
      <Tooltip label={isDirty ? "Save the fix and go on  A" : "Accept and go on  A"}>
        <Button leftSection={<IconCheck size={14} />} onClick={actions.accept}>
          {isDirty ? "Save fix" : "Accept"}
        </Button>
      </Tooltip>
      <Tooltip label="Reject and go on  R">
        <Button leftSection={<IconX size={14} />} onClick={actions.reject}>
          Reject
        </Button>
      </Tooltip>
      <Tooltip label="Mark as hard and go on  H">
        <Button leftSection={<IconFlag size={14} />} onClick={actions.hard}>
          Hard
        </Button>
      </Tooltip>
      <Tooltip label="Take the last step back  Z">
        <ActionIcon aria-label="Undo" onClick={actions.undo}>
          <IconArrowBackUp size={16} />
        </ActionIcon>
      </Tooltip>
      <span className="toolbar-rule" />
      {tools.map(({ tool: name, icon: Icon, label }) => (
        <Tooltip key={name} label={label}>
          <ActionIcon
            aria-label={label.split(":")[0]!.replace(/ {2}\d$/, "")}
            aria-pressed={tool === name}
            data-active={tool === name || undefined}
            onClick={() => onTool(tool === name ? undefined : name)}
          >
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
      {tool === "brush" && (
        <Slider
          aria-label="Radius of the brush"
          thumbLabel="Radius of the brush"
          w={72}
          size="xs"
          min={1}
          max={40}
          value={props.brushPx}
          onChange={props.onBrushPx}
        />
      )}
      <Tooltip label="The object is not to be seen in this frame  X">
        <ActionIcon aria-label="Not to be seen" onClick={actions.clear}>
          <IconEyeOff size={16} />
        </ActionIcon>
      </Tooltip>
      <span className="toolbar-rule" />
      <SegmentedControl
        aria-label="Direction of the propagation"
        value={props.direction}
        onChange={props.onDirection}
        data={[
          { value: "backward", label: "←" },
          { value: "both", label: "↔" },
          { value: "forward", label: "→" },
        ]}
      />
      <Tooltip label="Carry this frame's mask on  E">
        <Button leftSection={<IconArrowBarBoth size={14} />} loading={isBusy} onClick={actions.propagate}>
          Re-propagate
        </Button>
      </Tooltip>
      {isDirty && (
        <Tooltip label="Save the fix and stay  S">
          <ActionIcon aria-label="Save the fix" onClick={actions.save}>
            <IconDeviceFloppy size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <div className="toolbar-space" />
      {props.recipeSegmenter !== undefined && (
        <Select
          aria-label="Models of the fix"
          w={130}
          data={[
            { value: "embedded", label: "Embedded" },
            { value: "recipe", label: props.recipeSegmenter },
          ]}
          value={props.models}
          onChange={(models) => models !== null && props.onModels(models)}
        />
      )}
      <Tooltip label="Mask  M">
        <ActionIcon
          aria-label="Mask"
          aria-pressed={props.showMask}
          data-active={props.showMask || undefined}
          onClick={() => props.onShowMask(!props.showMask)}
        >
          <IconMask size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Prompts, gripper and region  O">
        <ActionIcon
          aria-label="Prompts"
          aria-pressed={props.showPrompts}
          data-active={props.showPrompts || undefined}
          onClick={() => props.onShowPrompts(!props.showPrompts)}
        >
          <IconPointFilled size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
