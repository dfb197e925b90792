import { expect, test } from "vitest";
import { endMessage, isActive } from "./job-ends.ts";
import { runQueryOf } from "./run-params.ts";

test("filter and order come from the address; what is unknown is left out", () => {
  expect(runQueryOf({ q: "tiny", states: "running,odd,failed", kinds: "train", sort: "loss:ascending" })).toEqual({
    search: "tiny",
    kinds: ["train"],
    states: ["running", "failed"],
    sort: { by: "loss", direction: "ascending" },
  });
  expect(runQueryOf({}).sort).toEqual({ by: "startedAt", direction: "descending" });
});

test("only a job that was active and no longer is gets a message", () => {
  const row = (state: "done" | "failed" | "running" | "lost" | "stopped") => ({ name: "tiny", state });
  expect(endMessage("running", row("done"))?.kind).toBe("ok");
  expect(endMessage("stopping", row("stopped"))?.kind).toBe("info");
  expect(
    endMessage("running", { ...row("failed"), problem: { code: "PVLA_X", message: "the loss is NaN" } })?.text,
  ).toContain("the loss is NaN");
  expect(endMessage("running", row("lost"))?.kind).toBe("fail");
  expect(endMessage(undefined, row("done"))).toBeUndefined();
  expect(endMessage("done", row("done"))).toBeUndefined();
  expect(endMessage("queued", row("running"))).toBeUndefined();
  expect(isActive("paused")).toBe(true);
});
