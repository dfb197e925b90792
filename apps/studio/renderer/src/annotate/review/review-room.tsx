import { IconMask } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { EmptyState } from "../../feedback/empty-state.tsx";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { showToast } from "../../feedback/toasts.tsx";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import type { Problem, ReviewItem, StoreItem } from "../../host/types.ts";
import { setParams } from "../../route/navigate.ts";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { useRemembered } from "../../store/remembered.ts";
import { createStore, useStore } from "../../store/store.ts";
import { formatCount } from "../../text/format.ts";
import { storeCounts } from "../queries.ts";
import { StoreTabs } from "../store-tabs.tsx";
import { decide, noteDecision, reviewerName, undoLast } from "./decisions.ts";
import { Filmstrip } from "./filmstrip.tsx";
import { Fix, type FixState, type FixTool } from "./fix.ts";
import { FrameCanvas } from "./frame-canvas.tsx";
import { queueOf } from "./queue-params.ts";
import { QueueList } from "./queue-list.tsx";
import { ReviewInspector } from "./review-inspector.tsx";
import { ReviewToolbar, type ReviewActions } from "./review-toolbar.tsx";
import { pictureUrl, useQueuePlace } from "./use-queue-place.ts";
import { useReviewKeys } from "./use-review-keys.ts";

const noFix = createStore<FixState>({
  drafts: new Map(),
  drawn: undefined,
  isAsking: false,
  times: undefined,
  carrying: undefined,
  problem: undefined,
});

/** The fix of the item on the screen; another item, or masks that were saved, begin a new one. */
function useFix(storeId: string, item: ReviewItem | undefined): Fix | undefined {
  const fix = useMemo(
    () => (item === undefined ? undefined : new Fix(storeId, item)),
    [storeId, item?.row.episodeIndex, item?.frames],
  );
  useEffect(() => () => fix?.close(), [fix]);
  return fix;
}

/** Reviewing one store: queue left, the frame in the middle, filmstrip below, details right. */
export function ReviewRoom({ store, params }: { store: StoreItem; params: Readonly<Record<string, string>> }) {
  const { storeId } = store;
  const view = useMemo(() => queueOf(storeId, params), [storeId, params]);
  const place = useQueuePlace(view, params);
  const { item, position, go, rowAt } = place;
  const { data: counts } = useQuery(storeCounts(storeId));
  const fix = useFix(storeId, item);
  const fixing = useStore(fix?.state ?? noFix);
  const [at, setAt] = useState<{ episodeIndex: number; frameIndex: number }>();
  const [tool, setTool] = useState<FixTool>();
  const [showMask, setShowMask] = useRemembered("review/mask", true);
  const [showPrompts, setShowPrompts] = useRemembered("review/prompts", true);
  const [direction, setDirection] = useRemembered<"backward" | "both" | "forward">("review/direction", "both");
  const [brushPx, setBrushPx] = useRemembered("review/brush", 6);
  const [models, setModels] = useRemembered<"embedded" | "recipe">("review/models", "embedded");
  const [problem, setProblem] = useState<Problem>();
  const [isSaving, setIsSaving] = useState(false);
  const decidedMs = useRef<number>(undefined);
  const room = useRef<HTMLDivElement>(null);
  const frameIndex =
    item !== undefined && at?.episodeIndex === item.row.episodeIndex ? at.frameIndex : (item?.keyFrameIndex ?? 0);

  const toFrame = useCallback(
    (next: number) => {
      if (item === undefined) return;
      const frame = Math.min(item.nFrames - 1, Math.max(0, next));
      setAt({ episodeIndex: item.row.episodeIndex, frameIndex: frame });
    },
    [item],
  );
  const onItem = useCallback((step: number) => go(position + step, rowAt(position + step)), [go, position, rowAt]);

  const save = useCallback(async (): Promise<boolean> => {
    if (item === undefined || fix === undefined || !fix.isDirty) return false;
    setIsSaving(true);
    try {
      const outcome = await fix.save(reviewerName.get() || "reviewer");
      noteDecision(storeId, item.row.episodeIndex, item.row.decision, outcome);
      await queryClient.invalidateQueries({ queryKey: ["annotate.item", storeId, item.row.episodeIndex] });
      void queryClient.invalidateQueries({ queryKey: ["datasets.annotation"] });
      setProblem(undefined);
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      return false;
    } finally {
      setIsSaving(false);
    }
  }, [item, fix, storeId]);

  const verdict = useCallback(
    (decision: "accepted" | "rejected" | "hard") => {
      if (item === undefined) return;
      decidedMs.current = performance.now();
      fix?.discard();
      decide(storeId, item.row.episodeIndex, item.row.decision, decision);
      if (!onItem(1)) showToast({ kind: "ok", text: "That was the last episode of this list." });
    },
    [item, fix, storeId, onItem],
  );

  const actions = useMemo<ReviewActions>(
    () => ({
      accept: () => {
        if (fix?.isDirty !== true) verdict("accepted");
        else void save().then((isSaved) => isSaved && onItem(1));
      },
      reject: () => verdict("rejected"),
      hard: () => verdict("hard"),
      undo: () => {
        if (fix?.undo() === true) return;
        const episodeIndex = undoLast(storeId);
        if (episodeIndex === undefined) {
          showToast({ kind: "info", text: "There is nothing to take back in this window." });
          return;
        }
        for (let back = position; back >= 0; back--)
          if (rowAt(back)?.episodeIndex === episodeIndex) {
            go(back, rowAt(back));
            return;
          }
        setParams({ ep: `${episodeIndex}` });
      },
      propagate: () => fix?.propagate(frameIndex, direction, models),
      save: () => void save(),
      clear: () => fix?.clear(frameIndex),
    }),
    [fix, verdict, save, onItem, storeId, position, rowAt, go, frameIndex, direction, models],
  );
  useReviewKeys({
    actions,
    onTool: useCallback((next: FixTool) => setTool((now) => (now === next ? undefined : next)), []),
    onMask: useCallback(() => setShowMask(!showMask), [showMask, setShowMask]),
    onPrompts: useCallback(() => setShowPrompts(!showPrompts), [showPrompts, setShowPrompts]),
    onFrame: useCallback((step: number) => toFrame(frameIndex + step), [toFrame, frameIndex]),
    onItem,
    onEscape: useCallback(() => {
      if (tool !== undefined) setTool(undefined);
      else fix?.discard();
    }, [tool, fix]),
  });

  const draft = fixing.drafts.get(frameIndex);
  const mask = useMemo(() => draft?.mask ?? fix?.maskAt(frameIndex), [draft, fix, frameIndex]);

  if (place.nTotal === 0)
    return (
      <EmptyState
        icon={<IconMask size={36} stroke={1.3} />}
        title="No annotation yet"
        action={store.kind === "job" && <a href={`#/annotate/${storeId}/job`}>Watch the job</a>}
      >
        The first episodes appear here as soon as they are written.
      </EmptyState>
    );
  const error = place.error ?? place.queueError;
  const shown = problem ?? fixing.problem;
  return (
    <RoomLayout
      id="review"
      listLabel="Review queue"
      list={<QueueList view={view} position={position} onPosition={go} />}
      timelineHeightPx={176}
      main={
        <>
          <StoreTabs store={store} current="review" />
          <ReviewToolbar
            tool={tool}
            onTool={setTool}
            showMask={showMask}
            onShowMask={setShowMask}
            showPrompts={showPrompts}
            onShowPrompts={setShowPrompts}
            direction={direction}
            onDirection={setDirection}
            brushPx={brushPx}
            onBrushPx={setBrushPx}
            models={models}
            recipeSegmenter={store.segmenter === "grabcut" ? undefined : store.segmenter}
            onModels={setModels}
            isDirty={fixing.drafts.size > 0}
            isBusy={fixing.carrying !== undefined || isSaving}
            actions={actions}
          />
          {error != null && <ProblemPanel problem={problemOf(error)} />}
          {item === undefined && error == null && (
            <div className="review-space">
              <div className="skeleton review-skeleton" />
            </div>
          )}
          {item !== undefined && fix !== undefined && (
            <div
              ref={room}
              className="review-stage"
              data-testid="review"
              data-episode={item.row.episodeIndex}
              data-frame={frameIndex}
            >
              <FrameCanvas
                url={pictureUrl(item, frameIndex)}
                label={`Frame ${frameIndex + 1} of episode ${item.row.episodeIndex}`}
                widthPx={item.widthPx}
                heightPx={item.heightPx}
                mask={mask}
                isDraft={draft !== undefined}
                frame={item.frames.find((one) => one.frameIndex === frameIndex)}
                drawn={fixing.drawn?.frameIndex === frameIndex ? fixing.drawn : undefined}
                showMask={showMask}
                showPrompts={showPrompts}
                tool={tool}
                brushPx={brushPx}
                onPoint={(x, y, isObject) => fix.addPoint(frameIndex, { x, y, isObject }, models)}
                onBox={(box) => fix.setBox(frameIndex, box, models)}
                onLine={(line) => fix.addLine(frameIndex, line, models)}
                onStrokeStart={() => fix.startStroke(frameIndex)}
                onStroke={(strokeMask, from, to, isErasing) => fix.stroke(strokeMask, from, to, brushPx, isErasing)}
                onStrokeEnd={() => fix.endStroke(frameIndex)}
                onProblem={setProblem}
                onShown={() => {
                  if (decidedMs.current === undefined) return;
                  room.current!.dataset["switchMs"] = String(Math.round(performance.now() - decidedMs.current));
                  decidedMs.current = undefined;
                }}
              />
              <p className="review-status number small" role="status" data-testid="fix-status">
                {statusOf(fixing, item.nFrames, isSaving)}
              </p>
              {shown && (
                <div className="review-problem">
                  <ProblemPanel compact problem={shown} />
                </div>
              )}
            </div>
          )}
        </>
      }
      timeline={
        item !== undefined &&
        fix !== undefined && (
          <Filmstrip item={item} fix={fix} frameIndex={frameIndex} showMask={showMask} onFrame={toFrame} />
        )
      }
      inspectorLabel="Episode"
      inspector={
        item === undefined ? (
          <div className="skeleton review-side" />
        ) : (
          <ReviewInspector item={item} frameIndex={frameIndex} counts={counts} />
        )
      }
    />
  );
}

/** What the segmenter and the tracker are doing, in words. */
function statusOf({ carrying, isAsking, drafts, times }: FixState, nFrames: number, isSaving: boolean): string {
  if (isSaving) return "Saving…";
  if (carrying !== undefined) return `Carried to ${carrying.nDone} of ${carrying.nAll || nFrames - 1} frames`;
  if (isAsking) return "Segmenting…";
  const unsaved =
    drafts.size === 0 ? "" : `${formatCount(drafts.size)} ${drafts.size === 1 ? "frame" : "frames"} not saved`;
  const took =
    times === undefined ? "" : `prompt ${Math.round(times.decodeMs)} ms, picture ${Math.round(times.encodeMs)} ms`;
  return [unsaved, took].filter(Boolean).join("   ");
}
