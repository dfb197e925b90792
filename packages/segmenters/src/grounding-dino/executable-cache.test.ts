import type { Executable } from "@pixelvla/engines";
import { expect, test } from "vitest";
import { ExecutableCache } from "./executable-cache.ts";

function counting() {
  const disposed: string[] = [];
  let compiled = 0;
  const compile = (name: string) => async () => {
    compiled++;
    return Promise.resolve({ dispose: async () => Promise.resolve(void disposed.push(name)) } as unknown as Executable);
  };
  return { disposed, compile, compiled: () => compiled };
}

const nothing = async () => Promise.resolve();

test("the most recently used programs are kept", async () => {
  const { compile, disposed, compiled } = counting();
  const cache = new ExecutableCache(2);
  for (const name of ["a", "b", "a", "c", "a"]) await cache.with(name, compile(name), nothing);
  expect(compiled()).toBe(3);
  expect(disposed).toEqual(["b"]);
  await cache.dispose();
  expect(disposed.sort()).toEqual(["a", "b", "c"]);
});

test("a program in use is disposed by its last user", async () => {
  const { compile, disposed } = counting();
  const cache = new ExecutableCache(1);
  await cache.with("a", compile("a"), async () => {
    await cache.with("b", compile("b"), nothing);
    expect(disposed).toEqual([]);
  });
  expect(disposed).toEqual(["a"]);
});

test("a failed compilation is tried again", async () => {
  const { compile, compiled } = counting();
  const cache = new ExecutableCache(1);
  const failing = () => Promise.reject(new Error("no memory"));
  await expect(cache.with("a", failing, nothing)).rejects.toThrow("no memory");
  await cache.with("a", compile("a"), nothing);
  expect(compiled()).toBe(1);
});
