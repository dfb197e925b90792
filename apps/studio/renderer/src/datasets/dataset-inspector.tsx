import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCopy, IconPlayerPlay } from "@tabler/icons-react";
import type { DatasetDetail, EpisodeRow } from "../host/types.ts";
import { thumbnailUrl } from "@pixelvla/studio-contract/urls";
import { copyText } from "../feedback/copy.ts";
import { Facts } from "../feedback/facts.tsx";
import { navigate } from "../route/navigate.ts";
import { formatCount } from "../text/format.ts";
import { annotationWords } from "./filter-types.ts";

function EpisodePreview({ dataset, row }: { dataset: DatasetDetail; row: EpisodeRow }) {
  const camera = dataset.primaryCamera ?? dataset.cameras[0]?.key;
  const { datasetId, revision } = dataset;
  return (
    <section className="panel-section">
      <h2 className="panel-title">Episode {row.episodeIndex}</h2>
      {camera !== undefined && (
        <img
          className="preview"
          alt={`First frame of episode ${row.episodeIndex}`}
          src={thumbnailUrl({ datasetId, revision, episodeIndex: row.episodeIndex, frameIndex: 0, camera }, 384)}
        />
      )}
      <p className="preview-task">{row.task || <em className="secondary">no instruction</em>}</p>
      <Facts
        facts={[
          ["Frames", formatCount(row.nFrames)],
          ["Split", row.split],
          ["Annotation", annotationWords[row.annotation]],
        ]}
      />
      <Button
        fullWidth
        mt={12}
        variant="filled"
        leftSection={<IconPlayerPlay size={14} />}
        onClick={() => navigate({ view: "episode", datasetId, episodeIndex: row.episodeIndex })}
      >
        Open episode
      </Button>
    </section>
  );
}

/** Details of the selected episode, then of the dataset: what it is, what is missing, what is damaged. */
export function DatasetInspector({
  dataset,
  lead,
  selected,
  nSelected,
}: {
  dataset: DatasetDetail;
  lead: EpisodeRow | undefined;
  selected: readonly EpisodeRow[];
  nSelected: number;
}) {
  const { missingFiles, damage, nEpisodes, nEpisodesDeclared } = dataset;
  return (
    <>
      {nSelected > 1 && (
        <section className="panel-section">
          <h2 className="panel-title">{formatCount(nSelected)} episodes selected</h2>
          <Button
            fullWidth
            leftSection={<IconCopy size={14} />}
            onClick={() =>
              void copyText(
                selected.map((row) => row.episodeIndex).join("\n"),
                `${selected.length} episode numbers copied`,
              )
            }
          >
            Copy episode numbers
          </Button>
        </section>
      )}
      {lead && <EpisodePreview dataset={dataset} row={lead} />}
      <section className="panel-section">
        <h2 className="panel-title">Dataset</h2>
        <Facts
          facts={[
            ["Name", dataset.name],
            ["Form", `${dataset.format} ${dataset.version}`],
            [
              "Episodes",
              nEpisodes === nEpisodesDeclared
                ? formatCount(nEpisodes)
                : `${formatCount(nEpisodes)} of ${formatCount(nEpisodesDeclared)} declared`,
            ],
            ["Frames", dataset.nFrames === undefined ? "not stated" : formatCount(dataset.nFrames)],
            ["Rate", dataset.fps === undefined ? "not stated" : `${dataset.fps} frames/s`],
            ["Splits", dataset.splits.join(", ") || "none"],
            ["Actions", dataset.actionNames.join(", ")],
            ["State", dataset.stateNames.join(", ")],
            ["Standardised as", dataset.standardisation],
          ]}
        />
      </section>
      <section className="panel-section">
        <h2 className="panel-title">Cameras</h2>
        <Facts
          facts={dataset.cameras.map(({ key, widthPx, heightPx, isPrimary }) => [
            isPrimary ? `${key} (primary)` : key,
            `${widthPx} × ${heightPx}`,
          ])}
        />
      </section>
      {missingFiles.length + damage.length > 0 && (
        <section className="panel-section">
          <h2 className="panel-title warn">
            <span>
              <IconAlertTriangle size={14} aria-hidden /> What is wrong
            </span>
          </h2>
          {missingFiles.length > 0 && (
            <details className="small">
              <summary>{formatCount(missingFiles.length)} promised files are not here</summary>
              <ul className="mono plain">
                {missingFiles.slice(0, 200).map((file) => (
                  <li key={file}>{file}</li>
                ))}
              </ul>
            </details>
          )}
          {damage.map(({ code, message }, index) => (
            <p key={index} className="small">
              <code>{code}</code> {message}
            </p>
          ))}
        </section>
      )}
      <section className="panel-section">
        <h2 className="panel-title">Folder</h2>
        <button
          type="button"
          className="path mono"
          onClick={() => void copyText(dataset.path, "Path copied")}
          title="Copy the path"
        >
          {dataset.path} <IconCopy size={12} aria-hidden />
        </button>
      </section>
    </>
  );
}
