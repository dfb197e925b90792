import { useQuery } from "@tanstack/react-query";
import type { Drawn, DrawnMask, PictureChoice } from "../host/types.ts";
import { hasObject } from "./drawing.ts";
import { drawnMask } from "./queries.ts";

const NO_PICTURE: PictureChoice = { kind: "dropped", pictureId: "" };

interface MaskOfDrawing {
  /** What to show: while the next mask is computed, the one before it. */
  readonly shown: DrawnMask | undefined;
  /** The mask of exactly this drawing on exactly this picture, once it is known. Only this one may be acted on. */
  readonly exact: DrawnMask | undefined;
  readonly isDue: boolean;
  readonly error: Error | null;
}

/** The mask that a drawing gives. */
export function useDrawnMask(picture: PictureChoice | undefined, drawn: Drawn): MaskOfDrawing {
  const isDrawn = picture !== undefined && hasObject(drawn);
  const { data, isPending, isPlaceholderData, error } = useQuery({
    ...drawnMask(picture ?? NO_PICTURE, drawn),
    enabled: isDrawn,
  });
  const shown = isDrawn ? data : undefined;
  return {
    shown,
    exact: isPlaceholderData ? undefined : shown,
    isDue: isDrawn && (isPending || isPlaceholderData),
    error,
  };
}
