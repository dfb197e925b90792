import { useMemo } from "react";
import { useCommands, type Command } from "../../commands/registry.ts";
import type { Player } from "./player.ts";

/** Keys of the time cursor, as in video editors. */
export function playerCommands(player: Player): Command[] {
  const group = "Playback";
  return [
    { id: "play.toggle", title: "Play or pause", group, keys: ["Space"], run: () => player.toggle() },
    { id: "play.back", title: "Previous frame", group, keys: ["ArrowLeft"], run: () => player.step(-1) },
    { id: "play.forward", title: "Next frame", group, keys: ["ArrowRight"], run: () => player.step(1) },
    { id: "play.back10", title: "10 frames back", group, keys: ["Shift+ArrowLeft"], run: () => player.step(-10) },
    { id: "play.forward10", title: "10 frames on", group, keys: ["Shift+ArrowRight"], run: () => player.step(10) },
    { id: "play.first", title: "First frame", group, keys: ["Home"], run: () => player.seek(0) },
    { id: "play.last", title: "Last frame", group, keys: ["End"], run: () => player.seek(player.nFrames - 1) },
    { id: "play.j", title: "Play backwards, again for faster", group, keys: ["j"], run: () => player.shuttle("j") },
    { id: "play.k", title: "Pause", group, keys: ["k"], run: () => player.shuttle("k") },
    { id: "play.l", title: "Play forwards, again for faster", group, keys: ["l"], run: () => player.shuttle("l") },
    { id: "play.start", title: "Range starts here", group, keys: ["["], run: () => player.setRangeEdge("start") },
    { id: "play.end", title: "Range ends here", group, keys: ["]"], run: () => player.setRangeEdge("end") },
    { id: "play.all", title: "Clear the range", group, keys: ["\\"], run: () => player.clearRange() },
  ];
}

/** Offers the playback keys while there is a player. */
export function usePlayerCommands(player: Player | undefined): void {
  useCommands(useMemo(() => (player === undefined ? [] : playerCommands(player)), [player]));
}
