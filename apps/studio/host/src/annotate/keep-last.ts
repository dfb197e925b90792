/** Makes a value under a key once and keeps the `capacity` used last; `release` hears of those that go. A failed one is made again. */
export function keepLast<T>(
  capacity: number,
  release: (value: T) => unknown = () => undefined,
): (key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, make) => {
    const value = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, value);
    value.catch(() => kept.delete(key));
    for (const [oldest, old] of kept) {
      if (kept.size <= capacity) break;
      kept.delete(oldest);
      void old.then(release).catch(() => undefined);
    }
    return value;
  };
}
