import { useCallback } from "react";
import { createStore, useStore, type Store } from "./store.ts";

const PREFIX = "pixelvla-studio/1/";
const remembered = new Map<string, Store<unknown>>();

function read(key: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined; // Storage may be refused by the browser, or hold what another version wrote.
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Full or refused storage: the value lasts until the page closes.
  }
}

/** A store that keeps its value over restarts under `key`. A stored value of another type than `initial` is dropped. */
export function rememberedStore<T>(key: string, initial: T): Store<T> {
  const known = remembered.get(key);
  if (known !== undefined) return known as Store<T>;
  const stored = read(key);
  const usable =
    stored !== undefined && typeof stored === typeof initial && Array.isArray(stored) === Array.isArray(initial);
  const store = createStore<T>(usable ? (stored as T) : initial);
  store.subscribe(() => write(key, store.get()));
  remembered.set(key, store);
  return store;
}

/** `useState` that keeps its value over restarts and shares it between components using the same key. */
export function useRemembered<T>(key: string, initial: T): [T, (next: T) => void] {
  const store = rememberedStore(key, initial);
  const set = useCallback((next: T) => store.set(next), [store]);
  return [useStore(store), set];
}
