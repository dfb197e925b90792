import { ActionIcon, Menu, Select, SegmentedControl, Tooltip } from "@mantine/core";
import {
  IconDownload,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBackFilled,
  IconPlayerSkipForwardFilled,
  IconPlayerTrackNextFilled,
  IconPlayerTrackPrevFilled,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { EpisodeDetail } from "../../host/types.ts";
import { exportChart, type ExportFormat } from "../../charts/export.ts";
import { useStorePart } from "../../store/store.ts";
import { formatClock } from "../../text/format.ts";
import type { CurveRow } from "./curve-layout.ts";
import { Curves } from "./curves.tsx";
import type { Player } from "./player.ts";
import { Scrubber } from "./scrubber.tsx";

const speeds = ["0.1", "0.25", "0.5", "1", "2", "4", "8"];

/** Frame number and time, written straight into the page: they change with every frame. */
function Readout({ player, timestampS }: { player: Player; timestampS: readonly number[] }) {
  const frame = useRef<HTMLSpanElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    function follow() {
      const { shown } = player.state.get();
      frame.current!.textContent = `${shown + 1} / ${player.nFrames}`;
      time.current!.textContent = formatClock(timestampS[shown] ?? 0);
    }
    follow();
    return player.state.subscribe(follow);
  }, [player, timestampS]);
  return (
    <span className="readout number">
      <span ref={frame} data-testid="frame-number" />
      <span className="secondary" ref={time} />
    </span>
  );
}

function RateWord({ player }: { player: Player }) {
  const rate = useStorePart(player.state, (state) => state.rate);
  return <span className="secondary small number transport-rate">{rate === 0 ? "paused" : `${rate} ×`}</span>;
}

function PlayButton({ player }: { player: Player }) {
  const isPlaying = useStorePart(player.state, ({ rate }) => rate !== 0);
  return (
    <Tooltip label={isPlaying ? "Pause  Space" : "Play  Space"}>
      <ActionIcon
        aria-label={isPlaying ? "Pause" : "Play"}
        onClick={() => player.toggle()}
        variant="filled"
        color="accent"
      >
        {isPlaying ? <IconPlayerPauseFilled size={14} /> : <IconPlayerPlayFilled size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Transport, scrubber and curves of an episode. */
export function Timeline({
  player,
  episode,
  rows,
  group,
  onGroup,
}: {
  player: Player;
  episode: EpisodeDetail;
  rows: readonly CurveRow[];
  group: "action" | "state" | "both";
  onGroup: (group: "action" | "state" | "both") => void;
}) {
  const speed = useStorePart(player.state, (state) => state.speed);
  const step = (label: string, key: string, icon: typeof IconDownload, run: () => void) => {
    const Icon = icon;
    return (
      <Tooltip label={`${label}  ${key}`}>
        <ActionIcon aria-label={label} onClick={run}>
          <Icon size={14} />
        </ActionIcon>
      </Tooltip>
    );
  };
  const save = (format: ExportFormat) =>
    void exportChart(
      {
        title: `${episode.datasetId} episode ${episode.episodeIndex}`,
        xLabel: "time (s)",
        series: rows.map(({ group: kind, name, values }) => ({
          label: `${kind} ${name}`,
          x: episode.timestampS,
          y: [...values],
        })),
      },
      format,
    );
  return (
    <div className="timeline">
      <div className="transport">
        {step("First frame", "Home", IconPlayerSkipBackFilled, () => player.seek(0))}
        {step("Previous frame", "←", IconPlayerTrackPrevFilled, () => player.step(-1))}
        <PlayButton player={player} />
        {step("Next frame", "→", IconPlayerTrackNextFilled, () => player.step(1))}
        {step("Last frame", "End", IconPlayerSkipForwardFilled, () => player.seek(player.nFrames - 1))}
        <Readout player={player} timestampS={episode.timestampS} />
        <RateWord player={player} />
        <div className="toolbar-space" />
        <Select
          aria-label="Speed"
          w={76}
          data={speeds.map((value) => ({ value, label: `${value} ×` }))}
          value={String(speed)}
          onChange={(value) => player.setSpeed(Number(value))}
        />
        <SegmentedControl
          aria-label="Curves shown"
          value={group}
          onChange={(next) => onGroup(next)}
          data={[
            { value: "action", label: "Actions" },
            { value: "state", label: "State" },
            { value: "both", label: "Both" },
          ]}
        />
        <Menu position="top-end">
          <Menu.Target>
            <ActionIcon aria-label="Export the curves">
              <IconDownload size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {(["csv", "svg", "png"] as const).map((format) => (
              <Menu.Item key={format} onClick={() => save(format)}>
                Curves as {format.toUpperCase()}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Scrubber player={player} closeFrameIndex={episode.closeFrameIndex} />
      <Curves player={player} rows={rows} timestampS={episode.timestampS} />
    </div>
  );
}
