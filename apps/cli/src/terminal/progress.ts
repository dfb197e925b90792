import { formatDuration } from "./output.ts";

/** What a progress line shows. */
export interface ProgressUpdate {
  readonly done: number;
  /** null while unknown. */
  readonly total: number | null;
  /** In the plural: "episodes", "train steps". */
  readonly unit: string;
  /** Default: measured from the first update. */
  readonly ratePerS?: number | null;
  readonly etaS?: number | null;
  /** Anything more, e.g. "loss 0.0412  lr 5.0e-4". */
  readonly note?: string;
}

/** Progress of one piece of work, on stderr. Call `end` before printing a result. */
export interface Progress {
  update(update: ProgressUpdate): void;
  /** A line of its own that stays. */
  line(text: string): void;
  end(): void;
}

/**
 * A bar that redraws itself on a terminal; one line every `intervalMs` elsewhere (and with `CI` set); JSON lines with `json`.
 */
export function createProgress(
  options: { json?: boolean; intervalMs?: number; stream?: NodeJS.WriteStream } = {},
): Progress {
  const stream = options.stream ?? process.stderr;
  const isTerminal = stream.isTTY && process.env["CI"] === undefined && options.json !== true;
  const intervalMs = options.intervalMs ?? (isTerminal ? 100 : 5000);
  let lastMs = 0;
  let first: { timeMs: number; done: number; unit: string } | undefined;
  let pending: string | undefined;
  let isDrawn = false;

  const withRate = (update: ProgressUpdate): ProgressUpdate => {
    const { done, unit } = update;
    // Another kind of work, or a count that begins again: the rate so far says nothing of it.
    if (first === undefined || first.unit !== unit || done < first.done) first = { timeMs: Date.now(), done, unit };
    const elapsedS = (Date.now() - first.timeMs) / 1000;
    const measured = elapsedS > 0.5 ? (update.done - first.done) / elapsedS : null;
    const ratePerS = update.ratePerS ?? measured;
    const etaS = update.etaS ?? (ratePerS && update.total !== null ? (update.total - update.done) / ratePerS : null);
    return { ...update, ratePerS, etaS };
  };
  const clear = () => {
    if (isDrawn) stream.write("\r\u001b[2K");
    isDrawn = false;
  };
  const draw = (text: string) => {
    clear();
    stream.write(isTerminal ? text.slice(0, Math.max(20, (stream.columns || 80) - 1)) : `${text}\n`);
    isDrawn = isTerminal;
  };
  return {
    update(update) {
      const full = withRate(update);
      const text = options.json ? JSON.stringify({ type: "progress", ...full }) : progressText(full, isTerminal);
      pending = text;
      const now = Date.now();
      if (now - lastMs < intervalMs && full.done !== full.total) return;
      lastMs = now;
      draw(text);
      pending = undefined;
    },
    line(text) {
      clear();
      stream.write(options.json ? `${JSON.stringify({ type: "message", text })}\n` : `${text}\n`);
    },
    end() {
      if (pending !== undefined) draw(pending);
      pending = undefined;
      if (isDrawn) stream.write("\n");
      isDrawn = false;
    },
  };
}

const BAR_WIDTH = 24;

/** `[=====>    ]  120/400 train steps  30 %  4.1/s  eta 1m08s  loss 0.04` */
export function progressText({ done, total, unit, ratePerS, etaS, note }: ProgressUpdate, withBar: boolean): string {
  const parts: string[] = [];
  if (withBar && total !== null && total > 0) {
    const filled = Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
    parts.push(
      `[${"=".repeat(filled)}${filled < BAR_WIDTH ? ">" : ""}${" ".repeat(Math.max(0, BAR_WIDTH - filled - 1))}]`,
    );
  }
  parts.push(`${done}${total === null ? "" : `/${total}`} ${unit}`);
  if (note !== undefined) parts.push(note);
  if (ratePerS !== null && ratePerS !== undefined && ratePerS > 0) parts.push(`${ratePerS.toPrecision(3)}/s`);
  if (etaS !== null && etaS !== undefined && done !== total) parts.push(`eta ${formatDuration(etaS)}`);
  return parts.join("  ");
}
