import { showToast } from "../../feedback/toasts.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import type { DecisionOutcome, QueueRow, ReviewDecision, ReviewItem } from "../../host/types.ts";
import { rememberedStore } from "../../store/remembered.ts";
import { Outbox, type Delivery, type Outgoing } from "./outbox.ts";

/** Name that decisions are signed with; empty until the host has said who works here. */
export const reviewerName = rememberedStore("reviewer", "");

type Decision = "accepted" | "rejected" | "hard";

/** Episodes decided on in this window, latest last, for taking back. */
const decided: { storeId: string; episodeIndex: number; before: ReviewDecision }[] = [];

/** The outbox of this window. */
export const outbox = new Outbox({ deliver });

/** Decides on an episode: at once in this window, on the disk when the host has said so. */
export function decide(storeId: string, episodeIndex: number, before: ReviewDecision, decision: Decision): void {
  const author = reviewerName.get() || "reviewer";
  decided.push({ storeId, episodeIndex, before });
  patchRow(storeId, episodeIndex, { decision, author });
  outbox.add({ kind: "decide", storeId, episodeIndex, author, decision, note: "" });
}

/** Takes the last decision of this window back and gives its episode, or undefined where there is none. */
export function undoLast(storeId: string): number | undefined {
  const at = decided.findLastIndex((one) => one.storeId === storeId);
  const [last] = at < 0 ? [] : decided.splice(at, 1);
  if (last === undefined) return undefined;
  const { episodeIndex, before } = last;
  patchRow(storeId, episodeIndex, { decision: before });
  outbox.add({ kind: "undo", storeId, episodeIndex, author: reviewerName.get() || "reviewer", reviewId: undefined });
  return episodeIndex;
}

/** Remembers a decision that was made otherwise (a fix), so that it can be taken back too. */
export function noteDecision(
  storeId: string,
  episodeIndex: number,
  before: ReviewDecision,
  outcome: DecisionOutcome,
): void {
  decided.push({ storeId, episodeIndex, before });
  take(storeId, outcome);
}

async function deliver(message: Outgoing): Promise<Delivery> {
  const { storeId, episodeIndex } = message;
  try {
    take(storeId, await send(message));
    return "acknowledged";
  } catch (error) {
    const problem = problemOf(error);
    if (problem.code === "PVLA_STUDIO_RENDERER") return "undelivered"; // the socket, not the host's word
    showToast({ kind: "fail", text: `Episode ${episodeIndex}: ${problem.message}` });
    void queryClient.invalidateQueries({ queryKey: ["annotate.queue"] });
    return "refused";
  }
}

async function send(message: Outgoing): Promise<DecisionOutcome> {
  const { storeId, episodeIndex, author } = message;
  if (message.kind === "decide") {
    const { decision, note } = message;
    return host.annotate.decide.mutate({ storeId, episodeIndex, decision, author, note });
  }
  // What counts now is what the message before it left behind: ask for it once, then the message says it.
  const reviewId = message.reviewId ?? (await currentReview(storeId, episodeIndex));
  if (message.reviewId === undefined)
    outbox.waiting.set(outbox.waiting.get().map((one) => (one === message ? { ...message, reviewId } : one)));
  return host.annotate.undo.mutate({ storeId, episodeIndex, author, reviewId });
}

async function currentReview(storeId: string, episodeIndex: number): Promise<string> {
  const { row } = await host.annotate.item.query({ storeId, episodeIndex });
  return row.reviewId ?? "none";
}

/** Puts the host's word into the lists and the item on the screen, unless newer decisions on it are still on their way. */
function take(storeId: string, { row, history }: DecisionOutcome): void {
  const { episodeIndex } = row;
  const isLatest = !outbox.waiting
    .get()
    .slice(1)
    .some((one) => one.storeId === storeId && one.episodeIndex === episodeIndex);
  if (isLatest) patchRow(storeId, episodeIndex, row);
  queryClient.setQueryData<ReviewItem>(
    ["annotate.item", storeId, episodeIndex],
    (item) => item && { ...item, history },
  );
  void queryClient.invalidateQueries({ queryKey: ["annotate.counts", storeId] });
}

/** Changes a row wherever it is shown; it keeps its place. */
function patchRow(storeId: string, episodeIndex: number, changes: Partial<QueueRow>): void {
  const patch = (row: QueueRow) => (row.episodeIndex === episodeIndex ? { ...row, ...changes } : row);
  queryClient.setQueriesData<{ rows: QueueRow[] }>(
    {
      predicate: ({ queryKey }) =>
        queryKey[0] === "annotate.queue" && (queryKey[1] as { storeId: string }).storeId === storeId,
    },
    (page) => page && { ...page, rows: page.rows.map(patch) },
  );
  queryClient.setQueryData<ReviewItem>(
    ["annotate.item", storeId, episodeIndex],
    (item) => item && { ...item, row: patch(item.row) },
  );
}
