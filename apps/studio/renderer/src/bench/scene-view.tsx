import { useComputedColorScheme } from "@mantine/core";
import { Canvas } from "@react-three/fiber";
import { useState } from "react";
import { ErrorBoundary } from "../feedback/error-boundary.tsx";
import type { RolloutStart, RolloutStep } from "../host/types.ts";
import { LiveScene, type TablePlace } from "./live-scene.tsx";

/** The scene of a rollout in 3D. Dragging an object tells where on the table it is dragged to. */
export function SceneView({
  start,
  step,
  onPush,
}: {
  start: RolloutStart;
  step: RolloutStep;
  onPush: ((objectId: string, place: TablePlace | undefined) => void) | undefined;
}) {
  const scheme = useComputedColorScheme("dark");
  const [isPossible] = useState(() => document.createElement("canvas").getContext("webgl2") !== null);
  if (!isPossible)
    return (
      <p className="path-none secondary">
        This browser has no WebGL 2, so the scene cannot be drawn in 3D. The policy's camera is shown beside.
      </p>
    );
  return (
    <div
      className="path-view"
      data-testid="scene"
      data-step={step.stepIndex}
      data-hand={step.handM.map((value) => value.toFixed(4)).join(" ")}
    >
      <ErrorBoundary resetKey={scheme}>
        <Canvas
          frameloop="demand"
          dpr={[1, 1.5]}
          camera={{ fov: 40 }}
          gl={{ antialias: true, powerPreference: "low-power" }}
          role="img"
          aria-label="Scene of the rollout in 3D"
        >
          <LiveScene start={start} step={step} scheme={scheme} onPush={onPush} />
        </Canvas>
      </ErrorBoundary>
    </div>
  );
}
