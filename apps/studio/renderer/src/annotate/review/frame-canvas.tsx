import { useEffect, useEffectEvent, useRef, useState, type PointerEvent } from "react";
import { drawOverlay } from "../../datasets/player/overlay.ts";
import { problemOf } from "../../host/problem.ts";
import type { ItemFrame, Problem } from "../../host/types.ts";
import { statusText } from "../../shell/status-line.tsx";
import type { Patch } from "../mask/brush.ts";
import { MaskLayer } from "../mask/mask-layer.ts";
import type { Mask } from "../mask/rle.ts";
import { drawShapes, type Shapes } from "./draw-shapes.ts";
import type { Drawn, FixTool } from "./fix.ts";
import { picture, pictureNow } from "./picture-cache.ts";

export interface FrameCanvasProps {
  readonly url: string;
  readonly label: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mask: Mask | undefined;
  readonly isDraft: boolean;
  readonly frame: ItemFrame | undefined;
  readonly drawn: Drawn | undefined;
  readonly showMask: boolean;
  readonly showPrompts: boolean;
  readonly tool: FixTool | undefined;
  /** Radius of the brush in picture pixels. */
  readonly brushPx: number;
  readonly onPoint: (x: number, y: number, isObject: boolean) => void;
  readonly onBox: (box: { x0: number; y0: number; x1: number; y1: number }) => void;
  readonly onLine: (line: [number, number][]) => void;
  /** Starts a stroke and gives the mask to paint on. */
  readonly onStrokeStart: () => Mask;
  readonly onStroke: (
    mask: Mask,
    from: readonly [number, number],
    to: readonly [number, number],
    isErasing: boolean,
  ) => Patch;
  readonly onStrokeEnd: () => void;
  readonly onProblem: (problem: Problem | undefined) => void;
  /** Called when picture and mask of `url` are on the screen. */
  readonly onShown: (url: string) => void;
}

interface Gesture {
  readonly path: [number, number][];
  readonly isNegative: boolean;
  readonly mask?: Mask;
}

/** The picture as large as it goes, mask and prompts over it at screen resolution, and the tools that draw on it. */
export function FrameCanvas(props: FrameCanvasProps) {
  const { url, label, widthPx, heightPx, mask, isDraft, frame, drawn, showMask, showPrompts, tool } = props;
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const layer = useRef<MaskLayer>(undefined);
  const gesture = useRef<Gesture>(undefined);
  const animation = useRef(0);
  const [space, setSpace] = useState({ width: 0, height: 0 });
  const scale = widthPx === 0 ? 0 : Math.min(space.width / widthPx, space.height / heightPx);
  const shownWidth = Math.round(widthPx * scale);
  const shownHeight = Math.round(heightPx * scale);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSpace({ width, height });
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const paintOverlay = useEffectEvent(() => {
    const canvas = over.current;
    if (canvas === null || shownWidth === 0) return;
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(shownWidth * ratio), Math.round(shownHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, shownWidth, shownHeight);
    const isPainting = gesture.current?.mask !== undefined;
    if (showMask) layer.current?.draw(context, shownWidth, shownHeight, { contour: !isPainting });
    const shapes: Shapes = {
      gripper: showPrompts ? frame?.gripperBox : undefined,
      region: showPrompts ? frame?.region : undefined,
      drawn,
      preview: gesture.current === undefined ? undefined : { tool, ...gesture.current },
    };
    if (showPrompts && drawn === undefined && !isDraft && frame !== undefined)
      drawPrompts(context, shownWidth, shownHeight, frame, widthPx, heightPx);
    drawShapes(context, shapes, scale);
  });

  const show = useEffectEvent((bitmap: ImageBitmap) => {
    const canvas = image.current;
    if (canvas === null) return;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
    canvas.dataset["url"] = url;
    paintOverlay();
    props.onShown(url);
  });
  const tellProblem = useEffectEvent(props.onProblem);

  useEffect(() => {
    const here = pictureNow(url);
    if (here !== undefined) {
      show(here);
      return;
    }
    let isCurrent = true;
    picture(url).then(
      (bitmap) => isCurrent && show(bitmap),
      (error: unknown) => isCurrent && tellProblem(problemOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [url]);
  useEffect(() => {
    layer.current = mask === undefined ? undefined : new MaskLayer(mask, isDraft);
    paintOverlay();
  }, [mask, isDraft]);
  useEffect(() => paintOverlay(), [shownWidth, shownHeight, frame, drawn, showMask, showPrompts]);
  useEffect(() => () => cancelAnimationFrame(animation.current), []);

  function schedule() {
    cancelAnimationFrame(animation.current);
    animation.current = requestAnimationFrame(() => paintOverlay());
  }

  const placeOf = (event: { clientX: number; clientY: number }): [number, number] => {
    const bounds = over.current!.getBoundingClientRect();
    return [(event.clientX - bounds.left) / scale, (event.clientY - bounds.top) / scale];
  };
  const inside = ([x, y]: [number, number]): [number, number] => [
    Math.min(widthPx - 1, Math.max(0, Math.round(x))),
    Math.min(heightPx - 1, Math.max(0, Math.round(y))),
  ];

  function onPointerDown(event: PointerEvent) {
    if (tool === undefined || gesture.current !== undefined || event.button === 1) return;
    const place = placeOf(event);
    const isNegative = event.button === 2 || event.shiftKey || event.altKey;
    if (tool === "point") {
      const [x, y] = inside(place);
      props.onPoint(x, y, !isNegative);
      return;
    }
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    gesture.current = { path: [place], isNegative, ...(tool === "brush" ? { mask: props.onStrokeStart() } : {}) };
    if (tool === "brush") {
      const strokeMask = gesture.current.mask!;
      layer.current = new MaskLayer(strokeMask, true);
      layer.current.touch(props.onStroke(strokeMask, place, place, isNegative));
    }
    schedule();
  }

  function onPointerMove(event: PointerEvent) {
    const [x, y] = placeOf(event);
    if (x >= 0 && y >= 0 && x < widthPx && y < heightPx)
      statusText.set(`${widthPx} × ${heightPx} px   x ${Math.floor(x)}  y ${Math.floor(y)}`);
    const now = gesture.current;
    if (now === undefined) return;
    const moves = event.nativeEvent.getCoalescedEvents();
    for (const move of moves.length > 0 ? moves : [event.nativeEvent]) {
      const place = placeOf(move);
      const last = now.path.at(-1)!;
      if (now.mask !== undefined) layer.current?.touch(props.onStroke(now.mask, last, place, now.isNegative));
      now.path.push(place);
    }
    schedule();
  }

  function onPointerUp() {
    const now = gesture.current;
    if (now === undefined) return;
    gesture.current = undefined;
    const [from, to] = [inside(now.path[0]!), inside(now.path.at(-1)!)];
    if (now.mask !== undefined) props.onStrokeEnd();
    else if (tool === "box" && Math.abs(from[0] - to[0]) > 1 && Math.abs(from[1] - to[1]) > 1)
      props.onBox({
        x0: Math.min(from[0], to[0]),
        y0: Math.min(from[1], to[1]),
        x1: Math.max(from[0], to[0]),
        y1: Math.max(from[1], to[1]),
      });
    else if (tool === "line" && Math.hypot(from[0] - to[0], from[1] - to[1]) > 1)
      props.onLine(thinned(now.path.map(inside)));
    paintOverlay();
  }

  return (
    <div ref={box} className="review-space" data-tool={tool}>
      <div className="review-picture" style={{ width: shownWidth, height: shownHeight }}>
        <canvas ref={image} role="img" aria-label={label} data-testid="review-frame" />
        <canvas
          ref={over}
          className="review-overlay"
          aria-hidden
          data-testid="review-overlay"
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerUp}
          onPointerLeave={() => statusText.set("")}
          onContextMenu={(event) => event.preventDefault()}
        />
      </div>
    </div>
  );
}

function drawPrompts(
  context: CanvasRenderingContext2D,
  shownWidth: number,
  shownHeight: number,
  { box, points, lines, frameIndex, score }: ItemFrame,
  widthPx: number,
  heightPx: number,
): void {
  // The player draws prompts in fractions of the picture, and clears the canvas first: draw them on their own and copy.
  const own = new OffscreenCanvas(context.canvas.width, context.canvas.height);
  const ownContext = own.getContext("2d")! as unknown as CanvasRenderingContext2D;
  const ratio = context.canvas.width / shownWidth;
  ownContext.setTransform(ratio, 0, 0, ratio, 0, 0);
  const fractions = {
    frameIndex,
    confidence: score,
    hasMask: false,
    points: points.map(({ x, y, isObject }) => ({ x: x / widthPx, y: y / heightPx, isPositive: isObject })),
    lines: lines.map((line) => line.flatMap(([x, y]) => [x / widthPx, y / heightPx])),
    ...(box === undefined
      ? {}
      : {
          box: [box[0]! / widthPx, box[1]! / heightPx, box[2]! / widthPx, box[3]! / heightPx] as [
            number,
            number,
            number,
            number,
          ],
        }),
  };
  drawOverlay(ownContext, shownWidth, shownHeight, fractions, undefined, {
    showMask: false,
    showPrompts: true,
    opacity: 0,
  });
  context.drawImage(own, 0, 0, shownWidth, shownHeight);
}

/** At most 60 of a path's places, ends among them. */
function thinned(path: [number, number][]): [number, number][] {
  if (path.length <= 60) return path;
  return Array.from({ length: 60 }, (_, i) => path[Math.round((i * (path.length - 1)) / 59)]!);
}
