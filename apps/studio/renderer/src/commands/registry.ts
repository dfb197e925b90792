import { useEffect } from "react";
import { createStore } from "../store/store.ts";
import { comboOf } from "./combo.ts";

/** Something the user can do by key or from the palette. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** Combinations that run it, e.g. `["Space"]`, `["Mod+k"]`. The first is shown beside the title. */
  readonly keys?: readonly string[];
  /** Hidden from the palette (it needs a pointer or only makes sense by key). */
  readonly keyOnly?: boolean;
  readonly run: () => void;
}

/** Commands on offer now, by the component that offers them; later ones win a contested key. */
export const commandSets = createStore<ReadonlyMap<symbol, readonly Command[]>>(new Map());

/** Every command on offer, each id once, latest first. */
export function allCommands(): Command[] {
  const seen = new Set<string>();
  return [...commandSets.get().values()]
    .reverse()
    .flat()
    .filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Offers commands while the component lives. Give a list that is stable (useMemo): every new one registers again. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    const owner = Symbol("commands");
    commandSets.set(new Map([...commandSets.get(), [owner, commands]]));
    return () => {
      const rest = new Map(commandSets.get());
      rest.delete(owner);
      commandSets.set(rest);
    };
  }, [commands]);
}

const typingTags = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const ownKeys = new Set([
  "Space",
  "Enter",
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
  "PageUp",
  "PageDown",
]);

/** Whether the element with focus wants this key for itself. */
function belongsTo(target: EventTarget | null, combo: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isCheck = target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type);
  if (combo.startsWith("Mod+") || combo === "Escape") return false;
  if (target.isContentEditable || (typingTags.has(target.tagName) && !isCheck)) return true;
  const key = combo.split("+").at(-1)!;
  if (!ownKeys.has(key)) return false;
  if (key === "Space" || key === "Enter")
    return target.closest("button, a, summary, [role=option], [role=menuitem], input") !== null;
  return (
    target.closest(
      "[role=slider]:not([data-time]), [role=separator], [role=menu], [role=listbox]:not([data-time]), [role=radiogroup], [data-own-arrows], input",
    ) !== null
  );
}

/** Runs the command of the pressed key. Put on the window once. */
export function dispatchKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const combo = comboOf(event);
  if (belongsTo(event.target, combo)) return;
  const command = allCommands().find(({ keys }) => keys?.includes(combo));
  if (command === undefined) return;
  event.preventDefault();
  command.run();
}
