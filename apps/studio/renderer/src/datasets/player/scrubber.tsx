import { useEffect, useRef, type PointerEvent } from "react";
import { GUTTER_LEFT_PX, GUTTER_RIGHT_PX } from "./curve-layout.ts";
import type { Player } from "./player.ts";

/** The time line to drag: position, played range and the frame where the gripper first closes. Keys belong to the player's commands. */
export function Scrubber({ player, closeFrameIndex }: { player: Player; closeFrameIndex: number | undefined }) {
  const track = useRef<HTMLDivElement>(null);
  const thumb = useRef<HTMLDivElement>(null);
  const range = useRef<HTMLDivElement>(null);
  const { nFrames } = player;
  const percent = (frame: number) => `${((frame + 0.5) / nFrames) * 100}%`;

  useEffect(() => {
    function follow() {
      const { wanted, range: played } = player.state.get();
      thumb.current!.style.left = percent(wanted);
      const slider = track.current!;
      slider.setAttribute("aria-valuenow", String(wanted + 1));
      slider.setAttribute("aria-valuetext", `Frame ${wanted + 1} of ${nFrames}`);
      range.current!.style.left = `${(played.start / nFrames) * 100}%`;
      range.current!.style.width = `${((played.end - played.start + 1) / nFrames) * 100}%`;
    }
    follow();
    return player.state.subscribe(follow);
  });

  function seek(event: PointerEvent) {
    const { left, width } = track.current!.getBoundingClientRect();
    player.seek(Math.floor(((event.clientX - left) / width) * nFrames));
  }

  return (
    <div className="scrubber" style={{ marginLeft: GUTTER_LEFT_PX, marginRight: GUTTER_RIGHT_PX }}>
      <div
        ref={track}
        className="scrubber-track"
        role="slider"
        data-time
        tabIndex={0}
        aria-label="Frame"
        aria-valuemin={1}
        aria-valuemax={nFrames}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          player.setRate(0);
          seek(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seek(event)}
      >
        <div ref={range} className="scrubber-range" />
        {closeFrameIndex !== undefined && (
          <div
            className="scrubber-close"
            style={{ left: percent(closeFrameIndex) }}
            title={`Gripper closes at frame ${closeFrameIndex + 1}`}
          />
        )}
        <div ref={thumb} className="scrubber-thumb" />
      </div>
    </div>
  );
}
