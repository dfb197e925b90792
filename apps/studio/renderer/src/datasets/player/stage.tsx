import { ActionIcon, SegmentedControl, Select, Slider, Tooltip } from "@mantine/core";
import {
  IconChevronLeft,
  IconChevronRight,
  IconCube,
  IconMask,
  IconPointFilled,
  IconSquares,
  IconZoomScan,
} from "@tabler/icons-react";
import { useMemo } from "react";
import type { CameraDetail, EpisodeAnnotation, EpisodeDetail, Problem } from "../../host/types.ts";
import { useCommands, type Command } from "../../commands/registry.ts";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { Resizer } from "../../shell/resizer.tsx";
import { useRemembered } from "../../store/remembered.ts";
import { FrameView } from "./frame-view.tsx";
import { PathView } from "./path-view.tsx";
import type { Session } from "./session.ts";

interface StageProps {
  readonly session: Session | undefined;
  readonly episode: EpisodeDetail | undefined;
  readonly annotation: EpisodeAnnotation | null;
  readonly cameras: readonly CameraDetail[];
  readonly camera: string | undefined;
  readonly problem: Problem | undefined;
  readonly onCamera: (key: string) => void;
  readonly onStep: (episodeIndex: number | undefined) => void;
  readonly onRetry: () => void;
}

/** Picture left, 3D path right, and what is drawn over the picture. */
export function Stage({
  session,
  episode,
  annotation,
  cameras,
  camera,
  problem,
  onCamera,
  onStep,
  onRetry,
}: StageProps) {
  const [showMask, setShowMask] = useRemembered("player/mask", true);
  const [showPrompts, setShowPrompts] = useRemembered("player/prompts", true);
  const [opacity, setOpacity] = useRemembered("player/opacity", 35);
  const [zoom, setZoom] = useRemembered<"fit" | "1:1">("player/zoom", "fit");
  const [isSmooth, setIsSmooth] = useRemembered("player/smooth", true);
  const [showPath, setShowPath] = useRemembered("player/path", true);
  const [pathPx, setPathPx] = useRemembered("player/path-width", 380);
  const overlay = useMemo(() => ({ showMask, showPrompts, opacity: opacity / 100 }), [showMask, showPrompts, opacity]);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: "view.mask", title: "Mask on or off", group: "Picture", keys: ["m"], run: () => setShowMask(!showMask) },
        {
          id: "view.prompts",
          title: "Prompts on or off",
          group: "Picture",
          keys: ["o"],
          run: () => setShowPrompts(!showPrompts),
        },
        {
          id: "view.zoom",
          title: "Picture at 1:1 or fitted",
          group: "Picture",
          keys: ["z"],
          run: () => setZoom(zoom === "fit" ? "1:1" : "fit"),
        },
        {
          id: "view.smooth",
          title: "Smooth or hard pixels",
          group: "Picture",
          keys: ["x"],
          run: () => setIsSmooth(!isSmooth),
        },
        {
          id: "view.path",
          title: "3D path on or off",
          group: "Picture",
          keys: ["v"],
          run: () => setShowPath(!showPath),
        },
      ],
      [showMask, showPrompts, zoom, isSmooth, showPath, setShowMask, setShowPrompts, setZoom, setIsSmooth, setShowPath],
    ),
  );
  const hasMasks = session?.masks !== undefined;
  const hasPrompts =
    annotation?.frames.some(({ box, points, lines }) => box !== undefined || points.length + lines.length > 0) === true;
  return (
    <>
      <div className="toolbar">
        <Tooltip label="Previous episode  P">
          <ActionIcon
            aria-label="Previous episode"
            disabled={episode?.previous === undefined}
            onClick={() => onStep(episode?.previous)}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Next episode  N">
          <ActionIcon
            aria-label="Next episode"
            disabled={episode?.next === undefined}
            onClick={() => onStep(episode?.next)}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
        </Tooltip>
        <strong className="truncate toolbar-task" data-testid="task">
          {episode === undefined ? "…" : episode.task || "no instruction"}
        </strong>
        <div className="toolbar-space" />
        {hasMasks && (
          <>
            <Tooltip label="Mask  M">
              <ActionIcon
                aria-label="Mask"
                aria-pressed={showMask}
                data-active={showMask || undefined}
                onClick={() => setShowMask(!showMask)}
              >
                <IconMask size={16} />
              </ActionIcon>
            </Tooltip>
            <Slider
              aria-label="Opacity of the mask"
              w={72}
              size="xs"
              min={0}
              max={100}
              value={opacity}
              onChange={setOpacity}
              disabled={!showMask}
              thumbLabel="Opacity of the mask"
            />
          </>
        )}
        {hasPrompts && (
          <Tooltip label="Prompts  O">
            <ActionIcon
              aria-label="Prompts"
              aria-pressed={showPrompts}
              data-active={showPrompts || undefined}
              onClick={() => setShowPrompts(!showPrompts)}
            >
              <IconPointFilled size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label="Smooth or hard pixels  X">
          <ActionIcon
            aria-label="Smooth pixels"
            aria-pressed={isSmooth}
            data-active={isSmooth || undefined}
            onClick={() => setIsSmooth(!isSmooth)}
          >
            <IconSquares size={16} />
          </ActionIcon>
        </Tooltip>
        <SegmentedControl
          aria-label="Size of the picture"
          value={zoom}
          onChange={(next) => setZoom(next)}
          data={[
            { value: "fit", label: "Fit" },
            { value: "1:1", label: "1:1" },
          ]}
        />
        {cameras.length > 1 && (
          <Select
            aria-label="Camera"
            w={148}
            leftSection={<IconZoomScan size={14} />}
            data={cameras.map(({ key }) => key)}
            value={camera ?? null}
            onChange={(key) => key !== null && onCamera(key)}
          />
        )}
        <Tooltip label="3D path  V">
          <ActionIcon
            aria-label="3D path"
            aria-pressed={showPath}
            data-active={showPath || undefined}
            onClick={() => setShowPath(!showPath)}
          >
            <IconCube size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className="stage">
        <div className="stage-picture">
          {session === undefined && <div className="skeleton stage-skeleton" />}
          {session && (
            <FrameView
              session={session}
              annotation={annotation}
              overlay={overlay}
              zoom={zoom}
              isSmooth={isSmooth}
              label={`Camera ${camera ?? ""} of episode ${episode?.episodeIndex ?? ""}`}
            />
          )}
          {problem && (
            <div className="stage-problem">
              <ProblemPanel compact problem={problem} onRetry={onRetry} />
            </div>
          )}
        </div>
        {showPath && (
          <>
            <Resizer
              label="Width of the 3D view"
              orientation="vertical"
              grows="after"
              sizePx={pathPx}
              minPx={200}
              maxPx={900}
              onResize={setPathPx}
            />
            <div className="stage-path" style={{ width: pathPx }}>
              {session && episode && <PathView episode={episode} player={session.player} />}
            </div>
          </>
        )}
      </div>
    </>
  );
}
