import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { Canvas } from "@react-three/fiber";
import { useMemo, useRef, useState } from "react";
import type { EpisodeDetail } from "../../host/types.ts";
import { ErrorBoundary } from "../../feedback/error-boundary.tsx";
import { formatFixed } from "../../text/format.ts";
import { PathScene, type ViewName } from "./path-scene.tsx";
import type { Player } from "./player.ts";

function canDraw3D(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

/** The 3D view with its legend and presets. Says so where the machine cannot draw 3D. */
export function PathView({ episode, player }: { episode: EpisodeDetail; player: Player }) {
  const scheme = useComputedColorScheme("dark");
  const [view, setView] = useState<ViewName>("iso");
  const [viewCount, setViewCount] = useState(0);
  const isPossible = useMemo(canDraw3D, []);
  const frame = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLSpanElement>(null);
  if (!isPossible)
    return (
      <p className="path-none secondary">
        This browser has no WebGL 2, so the path cannot be drawn in 3D. The curves below hold the same numbers.
      </p>
    );
  return (
    <div className="path-view" ref={frame} data-testid="path">
      <ErrorBoundary resetKey={scheme}>
        <Canvas
          frameloop="demand"
          dpr={[1, 1.5]}
          camera={{ fov: 35 }}
          gl={{ antialias: true, powerPreference: "low-power" }}
          role="img"
          aria-label="Path of the end effector in 3D"
        >
          <PathScene
            key={episode.episodeIndex}
            episode={episode}
            player={player}
            view={view}
            viewCount={viewCount}
            scheme={scheme}
            onRendered={(frameIndex, position, screen, isClosed) => {
              const data = frame.current?.dataset;
              if (data === undefined) return;
              data["frameIndex"] = String(frameIndex);
              data["gripper"] = position
                .toArray()
                .map((value) => value.toFixed(5))
                .join(" ");
              data["screen"] = `${((screen.x + 1) / 2).toFixed(4)} ${((1 - screen.y) / 2).toFixed(4)}`;
              data["closed"] = String(isClosed);
              if (place.current)
                place.current.textContent =
                  position
                    .toArray()
                    .map((value) => formatFixed(value, 3))
                    .join("  ") + " m";
            }}
          />
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
        <span className="secondary number" ref={place} />
        <span className="secondary">{episode.effector.source === "state" ? "measured" : "summed actions"}</span>
        <span className="secondary">○ open</span>
        <span className="secondary">● closed</span>
      </div>
    </div>
  );
}
