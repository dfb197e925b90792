import { expect, test } from "vitest";
import { createStore } from "../../store/store.ts";
import { Outbox, type Delivery, type Outgoing } from "./outbox.ts";

const message = (episodeIndex: number): Outgoing => ({
  kind: "decide",
  storeId: "s",
  episodeIndex,
  author: "ada",
  decision: "accepted",
  note: "",
});

test("messages go one at a time, in order, again until they are acknowledged, and are kept meanwhile", async () => {
  const store = createStore<readonly Outgoing[]>([message(0)]);
  const seen: number[] = [];
  const answers: Delivery[] = ["undelivered", "acknowledged", "refused", "undelivered", "acknowledged"];
  let nActive = 0;
  const outbox = new Outbox({
    store,
    retryMs: 1,
    deliver: async ({ episodeIndex }) => {
      expect(++nActive).toBe(1);
      await Promise.resolve();
      nActive--;
      seen.push(episodeIndex);
      if (seen.length === 4) throw new Error("the socket closed");
      return answers[seen.length - 1]!;
    },
  });
  outbox.add(message(1));
  outbox.add(message(2));
  expect(store.get()).toHaveLength(3);
  for (let i = 0; i < 200 && store.get().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(seen).toEqual([0, 0, 1, 2, 2]);
  expect(store.get()).toEqual([]);
});
