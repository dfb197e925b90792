import type { QueueQuery, ReviewDecision } from "../../host/types.ts";
import type { QueueView } from "../queries.ts";

const decisions: readonly ReviewDecision[] = ["pending", "accepted", "corrected", "rejected", "hard"];
const sorts: readonly QueueQuery["sort"][] = ["doubt", "episode", "score", "frames"];

/** The queue that an address means; unreadable parts are left out. */
export function queueOf(storeId: string, params: Readonly<Record<string, string>>): QueueView {
  const [by = "doubt", direction] = (params["sort"] ?? "").split(":");
  const sort = sorts.find((one) => one === by) ?? "doubt";
  const natural = sort === "doubt" ? "descending" : "ascending";
  return {
    storeId,
    search: (params["q"] ?? "").slice(0, 200),
    decisions: (params["show"] ?? "")
      .split(",")
      .filter((one): one is ReviewDecision => decisions.some((d) => d === one)),
    sort,
    direction: direction === "ascending" || direction === "descending" ? direction : natural,
  };
}
