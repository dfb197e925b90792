import { useMemo } from "react";
import { useCommands, type Command } from "../../commands/registry.ts";
import { fixTools, type FixTool } from "./fix.ts";
import type { ReviewActions } from "./review-toolbar.tsx";

interface Keys {
  readonly actions: ReviewActions;
  readonly onTool: (tool: FixTool) => void;
  readonly onMask: () => void;
  readonly onPrompts: () => void;
  readonly onFrame: (step: number) => void;
  readonly onItem: (step: number) => void;
  readonly onEscape: () => void;
}

/** The keys of the review; all of the loop lies under the left hand. */
export function useReviewKeys({ actions, onTool, onMask, onPrompts, onFrame, onItem, onEscape }: Keys): void {
  useCommands(
    useMemo<readonly Command[]>(() => {
      const review = (id: string, title: string, key: string, run: () => void): Command => ({
        id: `review.${id}`,
        title,
        group: "Review",
        keys: [key],
        run,
      });
      const names: Readonly<Record<FixTool, string>> = { point: "Point", box: "Box", line: "Line", brush: "Brush" };
      return [
        review("accept", "Accept, or save the fix, and go on", "a", actions.accept),
        review("reject", "Reject and go on", "r", actions.reject),
        review("hard", "Mark as hard and go on", "h", actions.hard),
        review("undo", "Take the last step back", "z", actions.undo),
        review("propagate", "Carry this frame's mask on", "e", actions.propagate),
        review("save", "Save the fix and stay", "s", actions.save),
        review("clear", "The object is not to be seen in this frame", "x", actions.clear),
        review("mask", "Mask on or off", "m", onMask),
        review("prompts", "Prompts on or off", "o", onPrompts),
        ...fixTools.map((tool, i) => review(`tool.${tool}`, `${names[tool]} tool`, `${i + 1}`, () => onTool(tool))),
        review("next", "Next episode", "ArrowDown", () => onItem(1)),
        review("previous", "Previous episode", "ArrowUp", () => onItem(-1)),
        review("frame.next", "Next frame", "ArrowRight", () => onFrame(1)),
        review("frame.previous", "Previous frame", "ArrowLeft", () => onFrame(-1)),
        review("frame.next10", "10 frames on", "Shift+ArrowRight", () => onFrame(10)),
        review("frame.previous10", "10 frames back", "Shift+ArrowLeft", () => onFrame(-10)),
        review("discard", "Put the tool away, then forget what is not saved", "Escape", onEscape),
        review("search", "Search the queue", "/", () => document.getElementById("queue-search")?.focus()),
      ];
    }, [actions, onTool, onMask, onPrompts, onFrame, onItem, onEscape]),
  );
}
