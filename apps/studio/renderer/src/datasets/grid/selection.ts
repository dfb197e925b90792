/** Which rows of a list are selected, and from where a range would extend. Positions are those of the filtered, sorted list. */
export interface Selection {
  readonly anchor: number | undefined;
  /** The row with the details shown. */
  readonly lead: number | undefined;
  readonly positions: ReadonlySet<number>;
}

export const emptySelection: Selection = { anchor: undefined, lead: undefined, positions: new Set() };

/** The selection after a click: plain selects one, `toggle` (control) adds or removes it, `extend` (shift) selects from the anchor to it. */
export function select(
  selection: Selection,
  position: number,
  how: { toggle?: boolean; extend?: boolean } = {},
): Selection {
  if (how.extend === true && selection.anchor !== undefined) {
    const [from, to] = [selection.anchor, position].sort((a, b) => a - b) as [number, number];
    return {
      anchor: selection.anchor,
      lead: position,
      positions: new Set(Array.from({ length: to - from + 1 }, (_, i) => from + i)),
    };
  }
  if (how.toggle === true) {
    const positions = new Set(selection.positions);
    if (!positions.delete(position)) positions.add(position);
    return { anchor: position, lead: position, positions };
  }
  return { anchor: position, lead: position, positions: new Set([position]) };
}
