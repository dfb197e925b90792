/** Exactly `width` names: those given, then numbered ones (`state_3`). */
export function named(names: readonly string[], width: number, what: string): string[] {
  return Array.from({ length: width }, (_, i) => names[i] ?? `${what}_${i}`);
}
