import { useEffect, useEffectEvent, useRef, useState, type PointerEvent } from "react";
import type { EpisodeAnnotation } from "../../host/types.ts";
import { statusText } from "../../shell/status-line.tsx";
import { drawOverlay, type OverlayOptions } from "./overlay.ts";
import type { Session } from "./session.ts";

interface FrameViewProps {
  readonly session: Session;
  readonly annotation: EpisodeAnnotation | null;
  readonly overlay: OverlayOptions;
  readonly zoom: "fit" | "1:1";
  readonly isSmooth: boolean;
  readonly label: string;
}

/** Size of the space around the picture, in CSS pixels. */
function useBoxSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ widthPx: 0, heightPx: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ widthPx: width, heightPx: height });
    });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return { ref, ...size };
}

/** The picture of the shown frame at its own pixels, scaled by the browser, with mask and prompts drawn over it at screen resolution. */
export function FrameView({ session, annotation, overlay, zoom, isSmooth, label }: FrameViewProps) {
  const box = useBoxSize();
  const image = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const [native, setNative] = useState<{ widthPx: number; heightPx: number }>();
  const fit =
    native === undefined || zoom === "1:1" ? 1 : Math.min(box.widthPx / native.widthPx, box.heightPx / native.heightPx);
  const widthPx = Math.round((native?.widthPx ?? 0) * fit);
  const heightPx = Math.round((native?.heightPx ?? 0) * fit);

  const paint = useEffectEvent(() => {
    const { shown } = session.player.state.get();
    const picture = session.images.get(shown);
    const canvas = image.current;
    if (picture === undefined || canvas === null) return;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
      setNative({ widthPx: picture.width, heightPx: picture.height });
    }
    canvas.getContext("2d", { willReadFrequently: true })!.drawImage(picture, 0, 0);
    canvas.dataset["frameIndex"] = String(shown);
    paintOverlay(shown);
  });

  function paintOverlay(shown: number) {
    const canvas = over.current;
    if (canvas === null || widthPx === 0) return;
    const ratio = window.devicePixelRatio;
    canvas.width = widthPx * ratio;
    canvas.height = heightPx * ratio;
    const context = canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    const frame = annotation?.frames.find(({ frameIndex }) => frameIndex === shown);
    drawOverlay(context, widthPx, heightPx, frame, session.masks?.get(shown), overlay);
  }

  useEffect(() => {
    paint();
    return session.player.state.subscribe(() => paint());
  }, [session]);
  useEffect(() => paint(), [widthPx, heightPx, overlay, annotation]);

  function probe(event: PointerEvent) {
    const canvas = image.current;
    if (canvas === null || native === undefined) return;
    const bounds = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - bounds.left) / bounds.width) * native.widthPx);
    const y = Math.floor(((event.clientY - bounds.top) / bounds.height) * native.heightPx);
    if (x < 0 || y < 0 || x >= native.widthPx || y >= native.heightPx) {
      statusText.set("");
      return;
    }
    const [r, g, b] = canvas.getContext("2d", { willReadFrequently: true })!.getImageData(x, y, 1, 1).data;
    statusText.set(`${native.widthPx} × ${native.heightPx} px   x ${x}  y ${y}   R ${r}  G ${g}  B ${b}`);
  }

  return (
    <div
      ref={box.ref}
      className="frame-view"
      data-zoom={zoom}
      onPointerMove={probe}
      onPointerLeave={() => statusText.set("")}
    >
      <div className="frame-picture" style={{ width: widthPx, height: heightPx }}>
        <canvas
          ref={image}
          role="img"
          aria-label={label}
          data-testid="frame"
          style={{ imageRendering: isSmooth ? "auto" : "pixelated" }}
        />
        <canvas ref={over} className="frame-overlay" aria-hidden data-testid="overlay" />
      </div>
    </div>
  );
}
