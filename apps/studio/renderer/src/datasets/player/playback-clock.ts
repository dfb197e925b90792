/** Playback as arithmetic: which frame a moment shows. Times in milliseconds, rates as multiples of the recorded speed, negative is backwards. */
export interface Playback {
  readonly nFrames: number;
  readonly fps: number;
  /** Frame shown at `anchorMs`; may be fractional. */
  readonly anchorFrame: number;
  readonly anchorMs: number;
  /** 0 while paused. */
  readonly rate: number;
  /** Frames played, both ends included. */
  readonly range: { readonly start: number; readonly end: number };
}

/** The nearest existing frame. */
export function clampFrame(frame: number, nFrames: number): number {
  return Math.min(Math.max(0, nFrames - 1), Math.max(0, Math.round(frame)));
}

/** Fractional position at a moment: runs on from the anchor and starts over at the end of the range it plays. */
export function positionAt({ fps, anchorFrame, anchorMs, rate, range }: Playback, nowMs: number): number {
  const moved = anchorFrame + (rate * fps * (nowMs - anchorMs)) / 1000;
  if (rate === 0) return moved;
  const length = range.end - range.start + 1;
  const offset = (moved - range.start) % length;
  return range.start + (offset < 0 ? offset + length : offset);
}

/** The frame shown at a moment. */
export function frameAt(playback: Playback, nowMs: number): number {
  return clampFrame(Math.floor(positionAt(playback, nowMs) + 1e-6), playback.nFrames);
}

const FASTEST = 8;

/** The rate after a shuttle key, as in video editors: L forwards, J backwards, each again doubles, K stops. */
export function shuttle(rate: number, key: "j" | "k" | "l"): number {
  if (key === "k") return 0;
  const sign = key === "l" ? 1 : -1;
  return rate * sign > 0 ? sign * Math.min(FASTEST, Math.abs(rate) * 2) : sign;
}

/** The range after its start or end is set at `frame`; an end that would lie before its start moves with it. Setting it where it is clears that side. */
export function withRangeEdge(
  range: { start: number; end: number },
  edge: "start" | "end",
  frame: number,
  nFrames: number,
): { start: number; end: number } {
  const last = nFrames - 1;
  if (edge === "start") {
    const start = range.start === frame ? 0 : frame;
    return { start, end: range.end < start ? last : range.end };
  }
  const end = range.end === frame ? last : frame;
  return { start: range.start > end ? 0 : range.start, end };
}
