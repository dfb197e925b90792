import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { Canvas } from "@react-three/fiber";
import { useState } from "react";
import type { ViewName } from "../datasets/player/path-scene.tsx";
import { ErrorBoundary } from "../feedback/error-boundary.tsx";
import { chunkPath, wayText, type DrawnChunk } from "./chunk-path.ts";
import { ChunkScene } from "./chunk-scene.tsx";

const canDraw3D = () => document.createElement("canvas").getContext("webgl2") !== null;

/** The predicted chunks as ribbons in 3D beside the demonstrated one, with a marker at the chosen step. */
export function ChunkView({
  chunks,
  origin,
  step,
}: {
  chunks: readonly DrawnChunk[];
  origin: readonly number[];
  step: number;
}) {
  const scheme = useComputedColorScheme("dark");
  const [view, setView] = useState<ViewName>("iso");
  const [viewCount, setViewCount] = useState(0);
  const [isPossible] = useState(canDraw3D);
  if (!isPossible)
    return (
      <p className="path-none secondary">
        This browser has no WebGL 2, so chunks cannot be drawn in 3D. The curves below hold the same numbers.
      </p>
    );
  return (
    <div className="path-view" data-testid="chunk-3d" data-chunks={chunks.length}>
      <ErrorBoundary resetKey={scheme}>
        <Canvas
          frameloop="demand"
          dpr={[1, 1.5]}
          camera={{ fov: 35 }}
          gl={{ antialias: true, powerPreference: "low-power" }}
          role="img"
          aria-label="Action chunks in 3D"
        >
          <ChunkScene chunks={chunks} origin={origin} step={step} view={view} viewCount={viewCount} scheme={scheme} />
        </Canvas>
      </ErrorBoundary>
      <div className="path-views">
        <SegmentedControl
          aria-label="View"
          value={view}
          onChange={(next) => {
            setView(next);
            setViewCount(viewCount + 1);
          }}
          data={[
            { value: "iso", label: "3D" },
            { value: "front", label: "Front" },
            { value: "side", label: "Side" },
            { value: "top", label: "Top" },
          ]}
        />
      </div>
      <div className="path-legend small">
        <span data-axis="x">x</span>
        <span data-axis="y">y</span>
        <span data-axis="z">z</span>
        {chunks.map(({ label, color, rows }) => (
          <span
            key={label}
            className="chunk-key"
            data-chunk={label}
            title={`leads ${wayText(chunkPath(rows, origin))}`}
          >
            <i style={{ background: `var(${color})` }} aria-hidden /> {label}
          </span>
        ))}
      </div>
    </div>
  );
}
