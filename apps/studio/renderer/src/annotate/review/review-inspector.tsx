import { TextInput } from "@mantine/core";
import { Facts } from "../../feedback/facts.tsx";
import type { ReviewItem, StoreCounts } from "../../host/types.ts";
import { useStore } from "../../store/store.ts";
import { formatAgo, formatCount, formatFixed, formatPercent } from "../../text/format.ts";
import { DecisionBadge } from "./decision-badge.tsx";
import { outbox, reviewerName } from "./decisions.ts";

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
const share = (value: number | undefined) => (value === undefined ? "–" : formatPercent(value));

/** Phrase, doubt, scores and prompts of the frame on the screen, who decided what and when, and how far the review is. */
export function ReviewInspector({
  item,
  frameIndex,
  counts,
}: {
  item: ReviewItem;
  frameIndex: number;
  counts: StoreCounts | undefined;
}) {
  const nWaiting = useStore(outbox.waiting).length;
  const author = useStore(reviewerName);
  const frame = item.frames.find((one) => one.frameIndex === frameIndex);
  const { row } = item;
  const now = Date.now();
  return (
    <>
      <section className="panel-section" data-testid="verdict">
        <h2 className="panel-title">
          Episode {row.episodeIndex} <DecisionBadge decision={row.decision} />
        </h2>
        <p className="review-phrase">{row.phrase || "no phrase"}</p>
        <p className="secondary small">{row.task || "no instruction"}</p>
        <div className="review-doubt">
          <span className="number">{formatFixed(row.doubt, 2)}</span>
          <span className="small">{row.doubtReason || "nothing stands out"}</span>
        </div>
      </section>
      <section className="panel-section">
        <h2 className="panel-title">Frame {frameIndex + 1}</h2>
        {frame === undefined ? (
          <p className="secondary small">This frame is not annotated.</p>
        ) : (
          <Facts
            facts={[
              ["Confidence", share(frame.score)],
              ["Mask", frame.mask === undefined ? "the object is lost" : frame.origin || "given"],
              ["Detector", share(frame.detectorScore)],
              ["Segmenter", share(frame.maskScore)],
              ["Agreement", share(frame.quality.agreement)],
              ["Steadiness", share(frame.quality.stability)],
              ["Apart from the largest piece", share(frame.quality.fragmentation)],
              ["Label fits the phrase", share(frame.quality.phraseMatch)],
              [
                "From the gripper",
                frame.quality.gripperDistance === undefined
                  ? "–"
                  : `${formatFixed(frame.quality.gripperDistance, 1)} sizes`,
              ],
              [
                "Prompts",
                [
                  plural(frame.points.length, "point"),
                  plural(frame.lines.length, "line"),
                  ...(frame.box === undefined ? [] : ["box"]),
                ].join(", "),
              ],
            ]}
          />
        )}
        {frame?.quality.doubtReason && <p className="secondary small review-why">{frame.quality.doubtReason}</p>}
      </section>
      <section className="panel-section">
        <h2 className="panel-title">Made by</h2>
        <p className="small wrap">
          {item.model || "unknown"} <span className="secondary">{item.modelVersion}</span>
        </p>
      </section>
      <section className="panel-section" data-testid="history">
        <h2 className="panel-title">History</h2>
        {item.history.length === 0 && <p className="secondary small">Nobody has decided yet.</p>}
        <ol className="review-history">
          {item.history.toReversed().map(({ id, decision, author: by, time, note }) => (
            <li key={id}>
              {decision === null ? <span className="decision">taken back</span> : <DecisionBadge decision={decision} />}
              <span className="secondary small">
                {by}, {formatAgo(time, now)}
                {note && `: ${note}`}
              </span>
            </li>
          ))}
        </ol>
      </section>
      <section className="panel-section">
        <TextInput
          label="Reviewing as"
          value={author}
          onChange={(event) => reviewerName.set(event.currentTarget.value.slice(0, 80))}
        />
        {counts !== undefined && <ReviewProgress counts={counts} />}
        <p className="small secondary" role="status" data-testid="outbox">
          {nWaiting === 0 ? "Every decision is saved." : `${formatCount(nWaiting)} on the way to the host.`}
        </p>
      </section>
    </>
  );
}

/** How many episodes are decided, as a bar and in words. */
export function ReviewProgress({ counts: { nEpisodes, decisions } }: { counts: StoreCounts }) {
  const nDecided = nEpisodes - decisions.pending;
  return (
    <div className="review-progress number small">
      <span className="review-bar" role="img" aria-label={`${nDecided} of ${nEpisodes} decided`}>
        {(["accepted", "corrected", "hard", "rejected"] as const).map((decision) => (
          <span key={decision} data-decision={decision} style={{ flexGrow: decisions[decision] }} />
        ))}
        <span style={{ flexGrow: decisions.pending }} />
      </span>
      <span data-testid="progress">
        {formatCount(nDecided)} of {formatCount(nEpisodes)} decided
      </span>
    </div>
  );
}
