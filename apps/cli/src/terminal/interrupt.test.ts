import { runCommand } from "citty";
import { afterEach, expect, test, vi } from "vitest";
import { inspectCommand } from "../commands/data/inspect.ts";
import { interruptSignal } from "./interrupt.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("the first signal asks, one that comes with it is the same request, a later one ends at once", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as never);
  const before = process.listeners("SIGINT");
  {
    using interrupts = interruptSignal();
    process.emit("SIGTERM");
    expect(interrupts.signal.aborted).toBe(true);
    process.emit("SIGTERM"); // `timeout` signals the process and its group
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    process.emit("SIGINT");
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  }
  expect(process.listeners("SIGINT")).toEqual(before);
});

test("a command that fails before it has begun leaves no listener behind", async () => {
  const before = process.listeners("SIGINT");
  await expect(runCommand(inspectCommand, { rawArgs: ["/no/such/dataset"] })).rejects.toThrow(/no.such.dataset/);
  expect(process.listeners("SIGINT")).toEqual(before);
});
