import { useMemo } from "react";
import { useCommands, type Command } from "../commands/registry.ts";
import type { DrawnKind } from "../host/types.ts";
import type { DrawingStep } from "./drawing.ts";

/** Keys of drawing: the four tools, undo and clear. `setTool` and `step` are the same function from render to render. */
export function useDrawKeys(setTool: (kind: DrawnKind) => void, step: (step: DrawingStep) => void): void {
  useCommands(
    useMemo<readonly Command[]>(() => {
      const pick = (kind: DrawnKind, key: string): Command => ({
        id: `playground.${kind}`,
        title: `Draw a ${kind}`,
        group: "Playground",
        keys: [key],
        run: () => setTool(kind),
      });
      return [
        pick("point", "1"),
        pick("line", "2"),
        pick("box", "3"),
        pick("mask", "4"),
        { id: "playground.undo", title: "Undo", group: "Playground", keys: ["z"], run: () => step({ kind: "undo" }) },
        {
          id: "playground.clear",
          title: "Clear the drawing",
          group: "Playground",
          keys: ["Backspace"],
          run: () => step({ kind: "clear" }),
        },
      ];
    }, [setTool, step]),
  );
}
