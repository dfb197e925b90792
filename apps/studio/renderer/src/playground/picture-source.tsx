import { Button, FileButton, NumberInput, Select, Slider } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import type { DatasetDetail, DatasetListItem, EpisodeDetail } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";
import { formatCount } from "../text/format.ts";

/** Where the picture comes from: a frame of a dataset, or a file. */
export function PictureSource({
  datasets,
  dataset,
  episode,
  frameIndex,
  camera,
  isDropped,
  onFile,
  onFrame,
}: {
  datasets: readonly DatasetListItem[];
  dataset: DatasetDetail | undefined;
  episode: EpisodeDetail | undefined;
  frameIndex: number;
  camera: string | undefined;
  isDropped: boolean;
  onFile: (file: File) => void;
  onFrame: () => void;
}) {
  const show = (params: Readonly<Record<string, string>>) => {
    onFrame();
    setParams(params);
  };
  return (
    <section className="panel-section" aria-label="Picture">
      <h2 className="panel-title">Picture</h2>
      <Select
        label="Dataset"
        placeholder={datasets.length === 0 ? "none in this workspace" : "choose"}
        data={datasets.map(({ datasetId, name, problem }) => ({
          value: datasetId,
          label: name,
          disabled: problem !== undefined,
        }))}
        value={isDropped ? null : (dataset?.datasetId ?? null)}
        onChange={(id) => id !== null && show({ dataset: id, episode: "", frame: "", camera: "" })}
        searchable
      />
      <NumberInput
        label={`Episode${dataset === undefined ? "" : ` of ${formatCount(dataset.nEpisodes)}`}`}
        min={0}
        value={episode?.episodeIndex ?? 0}
        onChange={(value) => typeof value === "number" && show({ episode: String(value), frame: "" })}
        disabled={dataset === undefined}
      />
      <p className="small secondary playground-frame number">
        Frame {frameIndex + 1} of {episode === undefined ? "…" : formatCount(episode.nFrames)}
      </p>
      <Slider
        thumbLabel="Frame"
        size="xs"
        min={0}
        max={Math.max(0, (episode?.nFrames ?? 1) - 1)}
        value={frameIndex}
        onChange={(value) => show({ frame: String(value + 1) })}
        label={(value) => String(value + 1)}
        disabled={episode === undefined}
      />
      {dataset !== undefined && dataset.cameras.length > 1 && (
        <Select
          label="Camera"
          data={dataset.cameras.map(({ key }) => key)}
          value={camera ?? null}
          onChange={(key) => key !== null && show({ camera: key })}
        />
      )}
      <FileButton accept="image/png,image/jpeg,image/webp" onChange={(file) => file && onFile(file)}>
        {(props) => (
          <Button {...props} mt={12} fullWidth leftSection={<IconUpload size={14} />}>
            Open a picture, or drop one
          </Button>
        )}
      </FileButton>
    </section>
  );
}
