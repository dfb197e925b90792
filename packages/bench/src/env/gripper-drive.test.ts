import { expect, test } from "vitest";

import { GripperDrive } from "./gripper-drive.ts";

const play = (drive: GripperDrive, values: readonly number[]) =>
  values.map((value) => (drive.next(value) ? "o" : "c")).join("");

test("an absolute gripper opens above one half", () => {
  expect(play(new GripperDrive({ kind: "absolute" }), [1, 0.51, 0.5, 0, 0.9])).toBe("oocco");
});

test("a relative gripper acts on changes beyond one half only", () => {
  expect(play(new GripperDrive({ kind: "relative", stickySteps: 1 }), [1, 0.6, 0.4, 0.3, 0.9])).toBe("ooccc");
  expect(play(new GripperDrive({ kind: "relative", stickySteps: 1 }), [1, 0, 0.4, 0.6])).toBe("occo");
});

test("a change during the sticky steps waits and then acts", () => {
  expect(play(new GripperDrive({ kind: "relative", stickySteps: 3 }), [0, 1, 1, 1, 1])).toBe("cccoo");
});
