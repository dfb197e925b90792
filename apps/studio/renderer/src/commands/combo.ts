/** Key combinations as text: `Mod+K`, `Shift+ArrowLeft`, `j`, `?`. `Mod` is Control, or Command on a Mac. */

/** What of a keyboard event names the combination. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const named: Record<string, string> = { " ": "Space", Esc: "Escape" };

/** The combination of a key press. Shift is part of the name only for keys whose character it does not change. */
export function comboOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const name = named[key] ?? (key.length === 1 ? key.toLowerCase() : key);
  const isCharacter = key.length === 1 && key !== " ";
  const isLetter = /^[a-z]$/i.test(key);
  const parts = [];
  if (ctrlKey || metaKey) parts.push("Mod");
  if (altKey) parts.push("Alt");
  if (shiftKey && (!isCharacter || isLetter)) parts.push("Shift");
  parts.push(name);
  return parts.join("+");
}

const glyphs: Record<string, string> = {
  Mod: "Ctrl",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};

/** The combination as shown on a key cap: one text for each key. */
export function comboLabels(combo: string, isMac = false): string[] {
  return combo
    .split(/\+(?=.)/)
    .map((key) => (key === "Mod" && isMac ? "⌘" : (glyphs[key] ?? (key.length === 1 ? key.toUpperCase() : key))));
}
