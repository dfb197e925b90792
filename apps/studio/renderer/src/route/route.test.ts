import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRoute, parseRoute, roomOf, type Route } from "./route.ts";

const params = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
  fc.string({ minLength: 1 }),
  { noNullPrototype: true },
);
const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).filter((text) => text !== "compare");
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ view: fc.constant("datasets" as const), params }),
  fc.record({ view: fc.constant("dataset" as const), datasetId: id, params }),
  fc.record({ view: fc.constant("statistics" as const), datasetId: id, params }),
  fc.record({ view: fc.constant("episode" as const), datasetId: id, episodeIndex: fc.nat(1e9), params }),
  fc.record({ view: fc.constantFrom("annotate" as const, "compose" as const), params }),
  fc.record({
    view: fc.constantFrom("review", "annotation-job", "reviewers" as const),
    storeId: id,
    params,
  }) as fc.Arbitrary<Route>,
  fc.record({ view: fc.constant("runs" as const), params }),
  fc.record({ view: fc.constantFrom("playground" as const, "served" as const), params }),
  fc.record({ view: fc.constant("bench" as const), params }),
  fc.record({ view: fc.constant("evaluation" as const), runId: id, params }),
  fc.record({ view: fc.constant("run" as const), runId: id, params }),
  fc.record({ view: fc.constant("ablation" as const), runId: id, params }),
  fc.record({ view: fc.constant("compare" as const), runIds: fc.array(id, { minLength: 1, maxLength: 4 }), params }),
);

test("every view's address leads back to it", () => {
  fc.assert(
    fc.property(route, (view) => {
      expect(parseRoute(formatRoute(view))).toEqual(view);
    }),
  );
});

test("any text after # is some view", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseRoute(`#${text}`).view).toBeTypeOf("string");
    }),
  );
  expect(parseRoute("#/datasets/a/%E0%A4%A").view).toBe("unknown");
});

test("an empty address is the Datasets room, an unknown one belongs to none", () => {
  expect(roomOf(parseRoute(""))).toBe("datasets");
  expect(roomOf(parseRoute("#/nowhere"))).toBeUndefined();
});
