import { Button } from "@mantine/core";
import { IconCopy, IconLink } from "@tabler/icons-react";
import type { DatasetDetail, EpisodeAnnotation, EpisodeDetail } from "../../host/types.ts";
import { DatasetUses } from "../../bench/dataset-uses.tsx";
import { copyText } from "../../feedback/copy.ts";
import { Facts } from "../../feedback/facts.tsx";
import { useStore } from "../../store/store.ts";
import { formatCount, formatDuration, formatFixed, formatValue } from "../../text/format.ts";
import { annotationWords } from "../filter-types.ts";
import type { Player } from "./player.ts";
import type { Session } from "./session.ts";

/** The state and action of the shown frame as numbers. */
function FrameNumbers({ player, episode }: { player: Player; episode: EpisodeDetail }) {
  const { shown } = useStore(player.state);
  const { action, actionNames, state, stateNames } = episode;
  const text = [
    ...stateNames.map((name, i) => `state ${name}\t${state[shown * stateNames.length + i]}`),
    ...actionNames.map((name, i) => `action ${name}\t${action[shown * actionNames.length + i]}`),
  ].join("\n");
  return (
    <section className="panel-section">
      <h2 className="panel-title">
        Frame {shown + 1}
        <button
          type="button"
          className="quiet"
          aria-label="Copy the numbers of this frame"
          onClick={() => void copyText(text, `Numbers of frame ${shown + 1} copied`)}
        >
          <IconCopy size={14} aria-hidden />
        </button>
      </h2>
      <table className="numbers number">
        <thead>
          <tr>
            <th scope="col">Dimension</th>
            <th scope="col">Action</th>
          </tr>
        </thead>
        <tbody>
          {actionNames.map((name, index) => (
            <tr key={`${name}/${index}`}>
              <th scope="row">{name}</th>
              <td>{formatFixed(action[shown * actionNames.length + index] ?? NaN, 4)}</td>
            </tr>
          ))}
        </tbody>
        <thead>
          <tr>
            <th scope="col">Dimension</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {stateNames.map((name, index) => (
            <tr key={`${name}/${index}`}>
              <th scope="row">{name}</th>
              <td>{formatFixed(state[shown * stateNames.length + index] ?? NaN, 4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Instruction and origin of the episode, its annotation, and the numbers under the cursor. */
export function EpisodeInspector({
  episode,
  dataset,
  annotation,
  session,
}: {
  episode: EpisodeDetail;
  dataset: DatasetDetail;
  annotation: EpisodeAnnotation | null;
  session: Session | undefined;
}) {
  const { nFrames, nRawFrames, closeFrameIndex, fps } = episode;
  return (
    <>
      <section className="panel-section">
        <h2 className="panel-title">Instruction</h2>
        <p className="instruction">{episode.task || <em className="secondary">This episode has no instruction.</em>}</p>
        <Facts
          facts={[
            ["Episode", formatCount(episode.episodeIndex)],
            ["Split", episode.split],
            [
              "Frames",
              nRawFrames === nFrames
                ? formatCount(nFrames)
                : `${formatCount(nFrames)} of ${formatCount(nRawFrames)} recorded`,
            ],
            ["Length", fps === undefined ? "rate not stated" : formatDuration(nFrames / fps)],
            ["Gripper closes", closeFrameIndex === undefined ? "never" : `frame ${closeFrameIndex + 1}`],
            ["Annotation", annotationWords[episode.annotation]],
          ]}
        />
      </section>
      {annotation && (
        <section className="panel-section">
          <h2 className="panel-title">Annotation</h2>
          <Facts
            facts={[
              ["Target", annotation.targetPhrase],
              ["Confidence", formatValue(annotation.confidence)],
              ["Frames with a mask", formatCount(annotation.frames.filter(({ hasMask }) => hasMask).length)],
              ["Made by", annotation.provenance],
            ]}
          />
        </section>
      )}
      <DatasetUses datasetId={dataset.datasetId} />
      {session && <FrameNumbers player={session.player} episode={episode} />}
      <section className="panel-section">
        <h2 className="panel-title">Source</h2>
        <p className="mono secondary wrap">
          {dataset.path}/{episode.file}
        </p>
        <Button
          fullWidth
          mt={8}
          leftSection={<IconLink size={14} />}
          onClick={() => void copyText(location.href, "Link to this frame copied")}
        >
          Copy link to this frame
        </Button>
      </section>
    </>
  );
}
