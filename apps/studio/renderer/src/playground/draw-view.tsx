import { useEffect, useEffectEvent, useRef, useState, type PointerEvent } from "react";
import { drawOverlay } from "../datasets/player/overlay.ts";
import type { Drawn, DrawnKind, LookAnswer } from "../host/types.ts";
import { statusText } from "../shell/status-line.tsx";
import { Brush } from "./brush.ts";
import type { DrawingStep, Place } from "./drawing.ts";
import { drawLook } from "./look-overlay.ts";

interface DrawViewProps {
  readonly bitmap: ImageBitmap;
  readonly tool: DrawnKind;
  readonly drawn: Drawn;
  readonly mask: ImageBitmap | undefined;
  readonly look: LookAnswer | undefined;
  readonly layer: number | undefined;
  readonly brushPx: number;
  readonly onStep: (step: DrawingStep) => void;
}

/** The picture to draw on: prompts by pointer, the mask they give and where the policy looks over it, at screen resolution. */
export function DrawView({ bitmap, tool, drawn, mask, look, layer, brushPx, onStep }: DrawViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const stroke = useRef<{ from: Place; to: Place; isNegative: boolean }>(undefined);
  const brush = useRef<Brush>(undefined);
  const [space, setSpace] = useState({ widthPx: 0, heightPx: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setSpace({ widthPx: entry!.contentRect.width, heightPx: entry!.contentRect.height }),
    );
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const fit = Math.min(space.widthPx / bitmap.width, space.heightPx / bitmap.height);
  const [widthPx, heightPx] = [Math.round(bitmap.width * fit), Math.round(bitmap.height * fit)];

  useEffect(() => {
    const canvas = image.current!;
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d", { willReadFrequently: true })!.drawImage(bitmap, 0, 0);
    brush.current = undefined;
  }, [bitmap]);
  useEffect(() => {
    if (drawn.maskPng === undefined) brush.current = undefined;
  }, [drawn.maskPng]);

  const paint = useEffectEvent(() => {
    const canvas = over.current;
    if (canvas === null || widthPx === 0) return;
    const ratio = window.devicePixelRatio;
    canvas.width = widthPx * ratio;
    canvas.height = heightPx * ratio;
    const context = canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    const under = () => look && drawLook(context, widthPx, heightPx, look, layer);
    drawOverlay(context, widthPx, heightPx, asAnnotation(drawn, bitmap, tool, stroke.current), mask, {
      showMask: true,
      showPrompts: true,
      opacity: look === undefined ? 0.35 : 0.12,
      under,
    });
    brush.current?.show(context, widthPx, heightPx);
  });
  useEffect(() => paint(), [widthPx, heightPx, drawn, mask, look, layer, bitmap, tool]);

  function placeOf(event: PointerEvent): Place {
    const bounds = image.current!.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * bitmap.width;
    const y = ((event.clientY - bounds.top) / bounds.height) * bitmap.height;
    return [Math.min(bitmap.width, Math.max(0, x)), Math.min(bitmap.height, Math.max(0, y))];
  }
  function down(event: PointerEvent) {
    const at = placeOf(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    stroke.current = { from: at, to: at, isNegative: event.button === 2 || event.altKey };
    if (tool === "mask") {
      brush.current ??= new Brush(bitmap.width, bitmap.height, mask);
      brush.current.stroke(at, at, brushPx / fit, stroke.current.isNegative);
    }
    paint();
  }
  function move(event: PointerEvent) {
    const at = placeOf(event);
    statusText.set(`${bitmap.width} × ${bitmap.height} px   x ${Math.floor(at[0])}  y ${Math.floor(at[1])}`);
    const now = stroke.current;
    if (now === undefined) return;
    if (tool === "mask") brush.current?.stroke(now.to, at, brushPx / fit, now.isNegative);
    now.to = at;
    paint();
  }
  function up() {
    const now = stroke.current;
    stroke.current = undefined;
    if (now === undefined) return;
    const { from, to, isNegative } = now;
    const isDrag = Math.hypot(to[0] - from[0], to[1] - from[1]) * fit > 4;
    if (tool === "point") onStep({ kind: "point", at: to, isObject: !isNegative });
    else if (tool === "line" && isDrag) onStep({ kind: "line", line: [from, to] });
    else if (tool === "box" && isDrag) onStep({ kind: "box", from, to });
    else if (tool === "mask") void brush.current?.png().then((maskPng) => onStep({ kind: "mask", maskPng }));
    paint();
  }
  return (
    <div ref={box} className="frame-view">
      <div
        className="frame-picture draw-picture"
        style={{ width: widthPx, height: heightPx }}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => (stroke.current = undefined)}
        onPointerLeave={() => statusText.set("")}
        onContextMenu={(event) => event.preventDefault()}
        data-testid="draw"
      >
        <canvas
          ref={image}
          role="img"
          aria-label={`Picture to draw on; the tool is ${tool}`}
          style={{ imageRendering: bitmap.width < 160 ? "pixelated" : "auto" }}
        />
        <canvas
          ref={over}
          className="frame-overlay"
          aria-hidden
          data-testid="draw-overlay"
          data-has-mask={mask !== undefined}
          data-has-look={look !== undefined}
        />
      </div>
    </div>
  );
}

/** What was drawn, and the stroke under way, as the overlay of annotated frames draws it: in fractions of the picture. */
function asAnnotation(
  { points, lines, box }: Drawn,
  { width, height }: ImageBitmap,
  tool: DrawnKind,
  stroke: { from: Place; to: Place } | undefined,
) {
  const shownLines = stroke !== undefined && tool === "line" ? [...lines, [stroke.from, stroke.to]] : lines;
  const [from, to] = [stroke?.from ?? [0, 0], stroke?.to ?? [0, 0]];
  const shownBox = stroke !== undefined && tool === "box" ? { x0: from[0], y0: from[1], x1: to[0], y1: to[1] } : box;
  return {
    frameIndex: 0,
    hasMask: true,
    points: points.map(({ x, y, isObject }) => ({ x: x / width, y: y / height, isPositive: isObject })),
    lines: shownLines.flatMap((line) =>
      line.slice(1).map(([x, y], i) => [line[i]![0] / width, line[i]![1] / height, x / width, y / height]),
    ),
    ...(shownBox === undefined
      ? {}
      : { box: [shownBox.x0 / width, shownBox.y0 / height, shownBox.x1 / width, shownBox.y1 / height] }),
  };
}
