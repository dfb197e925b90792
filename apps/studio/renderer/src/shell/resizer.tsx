import { useRef, type KeyboardEvent, type PointerEvent } from "react";

/** Which panel edge it drags: `after` grows the panel after it (right, below) when moved towards the start. */
interface ResizerProps {
  readonly label: string;
  readonly orientation: "vertical" | "horizontal";
  readonly sizePx: number;
  readonly minPx: number;
  readonly maxPx: number;
  readonly grows: "before" | "after";
  readonly onResize: (sizePx: number) => void;
}

/** A line between two panels: dragged, or moved by arrow keys when focused; double-click is for the caller's default. */
export function Resizer({ label, orientation, sizePx, minPx, maxPx, grows, onResize }: ResizerProps) {
  const grip = useRef<{ at: number; sizePx: number } | undefined>(undefined);
  const sign = grows === "before" ? 1 : -1;
  const clamp = (size: number) => Math.round(Math.min(maxPx, Math.max(minPx, size)));
  const position = (event: PointerEvent) => (orientation === "vertical" ? event.clientX : event.clientY);

  function onKeyDown(event: KeyboardEvent) {
    const [less, more] = orientation === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const direction = event.key === more ? 1 : event.key === less ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    onResize(clamp(sizePx + direction * sign * (event.shiftKey ? 64 : 16)));
  }

  return (
    <div
      className="resizer"
      data-orientation={orientation}
      role="separator"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={sizePx}
      aria-valuemin={minPx}
      aria-valuemax={maxPx}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = { at: position(event), sizePx };
      }}
      onPointerMove={(event) => {
        if (grip.current) onResize(clamp(grip.current.sizePx + sign * (position(event) - grip.current.at)));
      }}
      onPointerUp={() => (grip.current = undefined)}
      onPointerCancel={() => (grip.current = undefined)}
    />
  );
}
