import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { thumbnailUrl } from "@pixelvla/studio-contract/urls";
import type { ReviewItem } from "../../host/types.ts";
import { useStore } from "../../store/store.ts";
import { formatPercent } from "../../text/format.ts";
import { MaskLayer } from "../mask/mask-layer.ts";
import { decodeMask, type Mask } from "../mask/rle.ts";
import type { Fix } from "./fix.ts";

const CELL_PX = 116;
const THUMB_PX = 108;

interface FilmstripProps {
  readonly item: ReviewItem;
  readonly fix: Fix;
  readonly frameIndex: number;
  readonly showMask: boolean;
  readonly onFrame: (frameIndex: number) => void;
}

function ThumbMask({ mask, isDraft, heightPx }: { mask: Mask; isDraft: boolean; heightPx: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    context.clearRect(0, 0, THUMB_PX, heightPx);
    new MaskLayer(mask, isDraft).draw(context, THUMB_PX, heightPx, { opacity: 0.6, contour: false });
  }, [mask, isDraft, heightPx]);
  return <canvas ref={canvas} width={THUMB_PX} height={heightPx} aria-hidden />;
}

/** Every frame of the episode with its mask, and below it how sure the annotation is. Only frames in sight exist. */
export function Filmstrip({ item, fix, frameIndex, showMask, onFrame }: FilmstripProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { drafts } = useStore(fix.state);
  const virtual = useVirtualizer({
    horizontal: true,
    count: item.nFrames,
    getScrollElement: () => scroller.current,
    estimateSize: () => CELL_PX,
    overscan: 3,
  });
  useEffect(() => virtual.scrollToIndex(frameIndex, { align: "auto" }), [frameIndex, virtual]);
  const byFrame = new Map(item.frames.map((frame) => [frame.frameIndex, frame]));
  const heightPx = Math.round((THUMB_PX * item.heightPx) / Math.max(1, item.widthPx));
  return (
    <div
      ref={scroller}
      className="filmstrip"
      role="listbox"
      aria-label="Frames"
      aria-orientation="horizontal"
      tabIndex={0}
      data-time
      data-testid="filmstrip"
    >
      <div style={{ width: virtual.getTotalSize(), position: "relative", height: "100%" }} role="presentation">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const frame = byFrame.get(index);
          const draft = drafts.get(index);
          const wire = frame?.mask;
          const mask = draft?.mask ?? (wire && decodeMask(wire));
          const score = draft?.score ?? frame?.score;
          const state = draft !== undefined ? "draft" : (frame?.origin ?? "");
          return (
            <div
              key={index}
              role="option"
              aria-selected={index === frameIndex}
              className="film"
              data-state={state}
              data-frame={index}
              style={{ transform: `translateX(${start}px)`, width: CELL_PX }}
              onClick={() => onFrame(index)}
            >
              <div className="film-picture" style={{ height: heightPx }}>
                <img
                  alt=""
                  draggable={false}
                  src={thumbnailUrl(
                    {
                      datasetId: item.datasetId,
                      revision: item.revision,
                      episodeIndex: item.row.episodeIndex,
                      frameIndex: index,
                      camera: item.camera,
                    },
                    128,
                  )}
                />
                {showMask && mask !== undefined && (
                  <ThumbMask mask={mask} isDraft={draft !== undefined} heightPx={heightPx} />
                )}
              </div>
              <div
                className="film-bar"
                data-level={score === undefined ? "none" : score < 0.4 ? "low" : score < 0.7 ? "middle" : "high"}
              >
                <span style={{ width: `${100 * (score ?? 0)}%` }} />
              </div>
              <div className="film-words number">
                <span>{index + 1}</span>{" "}
                <span className="secondary">
                  {draft !== undefined
                    ? "not saved"
                    : frame === undefined
                      ? "none"
                      : mask === undefined
                        ? "lost"
                        : frame.origin}
                </span>
                {score !== undefined && <span className="visually-hidden">, {formatPercent(score)} sure</span>}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
