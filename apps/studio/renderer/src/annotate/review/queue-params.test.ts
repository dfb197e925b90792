import { expect, test } from "vitest";
import { queueOf } from "./queue-params.ts";

test("an address is read as a queue, and nonsense as the queue by doubt", () => {
  expect(queueOf("s", { q: "mug", show: "pending,hard", sort: "score:descending" })).toEqual({
    storeId: "s",
    search: "mug",
    decisions: ["pending", "hard"],
    sort: "score",
    direction: "descending",
  });
  expect(queueOf("s", { show: "maybe", sort: "luck:sideways" })).toEqual({
    storeId: "s",
    search: "",
    decisions: [],
    sort: "doubt",
    direction: "descending",
  });
});
