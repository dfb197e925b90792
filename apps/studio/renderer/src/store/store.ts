import { useSyncExternalStore } from "react";

/** A value with listeners, for what changes too often or too far from React to live in its tree. */
export interface Store<T> {
  get(): T;
  /** Replaces the value; listeners run at once unless it is the same one. */
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

/** Makes a store that holds `initial`. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The store's value in a component. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** A part of the store's value; the component renders again only when that part changes. `select` must give primitives or stable objects. */
export function useStorePart<T, P>(store: Store<T>, select: (value: T) => P): P {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
