import { useQuery } from "@tanstack/react-query";
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconFlag } from "@tabler/icons-react";
import { memo, useEffect, useState, type MouseEvent } from "react";
import { thumbnailUrl, type ThumbnailWidthPx } from "@pixelvla/studio-contract/urls";
import type { EpisodeRow } from "../../host/types.ts";
import { formatRoute } from "../../route/route.ts";
import { annotationWords } from "../filter-types.ts";
import { episodeDetail } from "../queries.ts";

interface EpisodeCardProps {
  readonly row: EpisodeRow;
  readonly position: number;
  readonly datasetId: string;
  readonly revision: string;
  readonly camera: string;
  readonly thumbnailPx: ThumbnailWidthPx;
  readonly isSelected: boolean;
  readonly search: Readonly<Record<string, string>>;
  readonly onSelect: (position: number, row: EpisodeRow, event: MouseEvent) => void;
}

const HOVER_DELAY_MS = 140;
const stateIcons = {
  none: undefined,
  annotated: IconCircleDashed,
  accepted: IconCircleCheck,
  rejected: IconCircleX,
  hard: IconFlag,
};

/** On hover: the first frame, the one where the gripper closes, and the last, side by side in the picture's place. */
function HoverStrip({
  row,
  datasetId,
  pictureOf,
}: {
  row: EpisodeRow;
  datasetId: string;
  pictureOf: (frameIndex: number) => string;
}) {
  const { data } = useQuery(episodeDetail(datasetId, row.episodeIndex));
  if (data === undefined) return null;
  const last = data.nFrames - 1;
  const close = data.closeFrameIndex;
  const shots = [
    { label: "first", frameIndex: 0 },
    close === undefined ? { label: "middle", frameIndex: Math.floor(last / 2) } : { label: "close", frameIndex: close },
    { label: "last", frameIndex: last },
  ];
  return (
    <span className="card-strip">
      {shots.map(({ label, frameIndex }) => (
        <span key={label} className="card-shot">
          <img src={pictureOf(frameIndex)} alt="" decoding="async" />
          <span>
            {label} {frameIndex + 1}
          </span>
        </span>
      ))}
    </span>
  );
}

/** One episode of the grid: its first frame, instruction, number and length; edge coloured by annotation state. */
export const EpisodeCard = memo(function EpisodeCard({
  row,
  position,
  datasetId,
  revision,
  camera,
  thumbnailPx,
  isSelected,
  search,
  onSelect,
}: EpisodeCardProps) {
  const [isNear, setIsNear] = useState(false);
  const [isHovered, setIsHovered] = useState(false);
  useEffect(() => {
    if (!isNear) {
      setIsHovered(false);
      return;
    }
    const timer = setTimeout(() => setIsHovered(true), HOVER_DELAY_MS);
    return () => clearTimeout(timer);
  }, [isNear]);
  const pictureOf = (frameIndex: number) =>
    thumbnailUrl({ datasetId, revision, episodeIndex: row.episodeIndex, frameIndex, camera }, thumbnailPx);
  const Icon = stateIcons[row.annotation];
  const href = formatRoute({ view: "episode", datasetId, episodeIndex: row.episodeIndex, params: search });
  return (
    <a
      className="card"
      href={href}
      data-position={position}
      data-annotation={row.annotation}
      data-selected={isSelected || undefined}
      onPointerEnter={() => setIsNear(true)}
      onPointerLeave={() => setIsNear(false)}
      onClick={(event) => onSelect(position, row, event)}
    >
      <span className="card-picture">
        <img src={pictureOf(0)} alt="" decoding="async" draggable={false} />
        {isHovered && <HoverStrip row={row} datasetId={datasetId} pictureOf={pictureOf} />}
      </span>
      <span className="card-caption">
        <span className="truncate">{row.task || <em className="secondary">no instruction</em>}</span>
        <span className="card-facts number secondary">
          <span>
            <span className="visually-hidden">Episode </span>
            {row.episodeIndex}
          </span>
          <span>{row.nFrames} frames</span>
          {Icon && (
            <span className="card-state" data-annotation={row.annotation}>
              <Icon size={12} aria-hidden /> {annotationWords[row.annotation]}
            </span>
          )}
        </span>
      </span>
    </a>
  );
});
