import { useEffect, useEffectEvent, useMemo, useRef, useState, type PointerEvent } from "react";
import { useComputedColorScheme } from "@mantine/core";
import { tokenColor } from "../../theme/colors.ts";
import { formatValue } from "../../text/format.ts";
import { frameX, GUTTER_LEFT_PX, GUTTER_RIGHT_PX, MIN_ROW_PX, rowY, type CurveRow } from "./curve-layout.ts";
import type { Player } from "./player.ts";

function drawRows(canvas: HTMLCanvasElement, rows: readonly CurveRow[], widthPx: number, rowPx: number): void {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.max(1, widthPx * ratio);
  canvas.height = Math.max(1, rows.length * rowPx * ratio);
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  const line = tokenColor("--line");
  rows.forEach((row, index) => {
    const { values } = row;
    const top = index * rowPx;
    const color = tokenColor(row.axis === undefined ? "--demonstrated" : `--axis-${row.axis}`);
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, top + rowPx - 0.5);
    context.lineTo(widthPx, top + rowPx - 0.5);
    if (row.min < 0 && row.max > 0) {
      const zero = Math.round(top + rowY(0, row, rowPx)) + 0.5;
      context.moveTo(0, zero);
      context.lineTo(widthPx, zero);
    }
    context.stroke();
    context.beginPath();
    values.forEach((value, frame) => {
      const x = frameX(frame, values.length, widthPx);
      const y = top + rowY(value, row, rowPx);
      if (frame === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.stroke();
    if (!row.isGripper || !(row.max > row.min)) return;
    context.fillStyle = color;
    context.globalAlpha = 0.3;
    const middle = (row.min + row.max) / 2;
    values.forEach((value, frame) => {
      if (value < middle)
        context.fillRect((frame / values.length) * widthPx, top + 3, widthPx / values.length + 0.5, rowPx - 7);
    });
    context.globalAlpha = 1;
  });
}

/** One row a dimension, all under the one time cursor; dragging scrubs. Filled stretches of the gripper's row are closed. */
export function Curves({
  player,
  rows,
  timestampS,
}: {
  player: Player;
  rows: readonly CurveRow[];
  timestampS: readonly number[];
}) {
  const scheme = useComputedColorScheme("dark");
  const area = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const before = useRef<HTMLDivElement>(null);
  const after = useRef<HTMLDivElement>(null);
  const readouts = useRef<(HTMLSpanElement | null)[]>([]);
  const [size, setSize] = useState({ widthPx: 0, heightPx: 0 });
  const { nFrames } = player;
  const rowPx = Math.max(MIN_ROW_PX, Math.floor(size.heightPx / Math.max(1, rows.length)));
  const plotPx = Math.max(1, size.widthPx - GUTTER_LEFT_PX - GUTTER_RIGHT_PX);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setSize({ widthPx: entry!.contentRect.width, heightPx: entry!.contentRect.height }),
    );
    observer.observe(area.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current) drawRows(canvas.current, rows, plotPx, rowPx);
  }, [rows, plotPx, rowPx, scheme]);

  const follow = useEffectEvent(() => {
    const { shown, range } = player.state.get();
    cursor.current!.style.transform = `translateX(${frameX(shown, nFrames, plotPx)}px)`;
    cursor.current!.dataset["frameIndex"] = String(shown);
    before.current!.style.width = `${(range.start / nFrames) * 100}%`;
    after.current!.style.width = `${((nFrames - 1 - range.end) / nFrames) * 100}%`;
    rows.forEach(({ values }, index) => {
      const readout = readouts.current[index];
      if (readout) readout.textContent = formatValue(values[shown]);
    });
  });
  useEffect(() => {
    follow();
    return player.state.subscribe(() => follow());
  }, [player]);
  useEffect(() => follow(), [rows, plotPx]);

  function seek(event: PointerEvent) {
    const { left, width } = canvas.current!.getBoundingClientRect();
    player.seek(Math.floor(((event.clientX - left) / width) * nFrames));
  }
  const summary = useMemo(
    () => `${rows.length} curves over ${nFrames} frames, ${formatValue(timestampS.at(-1))} seconds`,
    [rows, nFrames, timestampS],
  );

  return (
    <div className="curves" ref={area} tabIndex={0} role="group" aria-label={summary}>
      <div className="curves-rows" style={{ height: rows.length * rowPx }}>
        <div className="curves-names" style={{ width: GUTTER_LEFT_PX }}>
          {rows.map(({ group, name, axis }, index) => (
            <div key={`${group}/${name}/${index}`} className="curves-name" style={{ height: rowPx }} data-axis={axis}>
              <span className="truncate" title={`${group} ${name}`}>
                {name}
              </span>
              <span
                className="number"
                data-testid={`value-${group}-${name}`}
                ref={(element) => void (readouts.current[index] = element)}
              />
            </div>
          ))}
        </div>
        <div
          className="curves-plot"
          style={{ left: GUTTER_LEFT_PX, width: plotPx }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            player.setRate(0);
            seek(event);
          }}
          onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seek(event)}
        >
          <canvas ref={canvas} style={{ width: plotPx, height: rows.length * rowPx }} aria-hidden />
          <div ref={before} className="curves-outside" style={{ left: 0 }} />
          <div ref={after} className="curves-outside" style={{ right: 0 }} />
          <div ref={cursor} className="curves-cursor" data-testid="cursor" />
        </div>
        <div className="curves-ranges" style={{ width: GUTTER_RIGHT_PX }}>
          {rows.map(({ group, name, min, max }, index) => (
            <div key={`${group}/${name}/${index}`} className="curves-range number" style={{ height: rowPx }}>
              <span>{formatValue(max)}</span>
              {min !== max && <span>{formatValue(min)}</span>}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
