import { useEffect, useRef } from "react";
import { drawOverlay } from "../datasets/player/overlay.ts";
import type { RolloutStep } from "../host/types.ts";
import { pngBitmap, useMaskBitmap } from "../playground/pictures.ts";

const SIDE_PX = 224;

/** What the policy's camera sees at a step, with the mask it was shown. */
export function CameraInset({ step }: { step: RolloutStep }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const mask = useMaskBitmap(step.maskPng);
  useEffect(() => {
    let isCurrent = true;
    void pngBitmap(step.picturePng).then((picture) => {
      const context = canvas.current?.getContext("2d");
      if (!isCurrent || !context) return;
      const scratch = new OffscreenCanvas(SIDE_PX, SIDE_PX);
      const over = scratch.getContext("2d")! as unknown as CanvasRenderingContext2D;
      drawOverlay(over, SIDE_PX, SIDE_PX, NO_PROMPTS, mask, { showMask: true, showPrompts: false, opacity: 0.35 });
      context.imageSmoothingEnabled = picture.width >= SIDE_PX;
      context.drawImage(picture, 0, 0, SIDE_PX, SIDE_PX);
      context.drawImage(scratch, 0, 0);
      canvas.current!.dataset["step"] = String(step.stepIndex);
    });
    return () => {
      isCurrent = false;
    };
  }, [step, mask]);
  return (
    <figure className="camera-inset">
      <canvas
        ref={canvas}
        width={SIDE_PX}
        height={SIDE_PX}
        role="img"
        aria-label="What the policy's camera sees"
        data-testid="policy-camera"
        data-has-mask={step.maskPng !== undefined}
      />
      <figcaption className="small">Policy's camera{step.maskPng === undefined ? "" : ", mask"}</figcaption>
    </figure>
  );
}

const NO_PROMPTS = { frameIndex: 0, hasMask: true, points: [], lines: [] };
