import { join } from "node:path";
import type { Workspace } from "../workspace.ts";
import type { OpenedDataset } from "./open-dataset.ts";

/**
 * The MP4 file of one camera of an episode, for datasets that hold one file an episode (LeRobot v2.1); undefined for other forms and
 * where the file is not there. The path is checked like every other: a link that leads out is refused.
 */
export async function findVideo(
  dataset: OpenedDataset,
  episodeIndex: number,
  camera: string,
  workspace: Workspace,
): Promise<string | undefined> {
  const { info, episodeIndices } = dataset.reader;
  if (
    info.format !== "lerobot-v2.1" ||
    !info.cameras.some(({ key }) => key === camera) ||
    !episodeIndices.includes(episodeIndex)
  )
    return undefined;
  const episode = await dataset.episode(episodeIndex);
  const file = episode.source.file.replace(
    /^data\/(.*)\.parquet$/,
    (_, place: string) => `videos/${place.replace("/", `/${camera}/`)}.mp4`,
  );
  return workspace.admit(join(info.root, file)).catch(() => undefined);
}
