import type { DatasetService, EpisodeDetail, EpisodePage, EpisodeQuery } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "./catalog.ts";
import { closeFrame, effectorPath } from "./episode-detail.ts";
import { countFacets } from "./facets.ts";
import { named } from "./names.ts";
import type { OpenedDataset } from "./open-dataset.ts";
import { datasetStatistics } from "./statistics.ts";

/** A list that is still being read answers with what it has after this long. */
const LISTING_PATIENCE_MS = 300;

/** The Datasets room over the datasets of a catalog. */
export function createDatasetService(catalog: DatasetCatalog): DatasetService {
  return {
    list: () => catalog.list(),
    folders: (path) => catalog.folders(path),
    open: async (path) => (await listedOrPatient(await catalog.openPath(path))).detail(),
    get: async (datasetId) => (await listedOrPatient(await catalog.open(datasetId))).detail(),
    episodes: async (query) => pageOf(await listedOrPatient(await catalog.open(query.datasetId)), query),
    facets: async (datasetId, filter) => {
      const dataset = await listedOrPatient(await catalog.open(datasetId));
      return countFacets(dataset.table, filter, dataset.nTotal);
    },
    episode: async (datasetId, episodeIndex) => detailOf(await catalog.open(datasetId), episodeIndex),
    annotation: async (datasetId, episodeIndex) => {
      const dataset = await listedOrPatient(await catalog.open(datasetId));
      const row = dataset.table.find(episodeIndex);
      const state = row === undefined ? "none" : dataset.table.annotationAt(row);
      return (await dataset.annotations?.episode(await dataset.episode(episodeIndex), state)) ?? null;
    },
    statistics: async function* (datasetId, signal) {
      const dataset = await catalog.open(datasetId);
      await dataset.listed;
      yield* datasetStatistics(dataset, signal);
    },
  };
}

/** Waits for the list, but not long, and for the annotation states of what is listed. */
async function listedOrPatient(dataset: OpenedDataset): Promise<OpenedDataset> {
  if (!dataset.isListed) {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, LISTING_PATIENCE_MS)));
    await Promise.race([dataset.listed, patience]).finally(() => clearTimeout(timer));
  }
  if (dataset.isListed) await dataset.annotations?.fill(dataset.table);
  return dataset;
}

function pageOf(
  { table, nTotal, isListed }: OpenedDataset,
  { filter, sort, offset, limit }: EpisodeQuery,
): EpisodePage {
  const rows = table.matching(filter);
  const isListingOrder = sort.by === "episodeIndex" && sort.direction === "ascending";
  if (!isListingOrder) table.sort(rows, sort);
  const page = Array.from(rows.subarray(offset, offset + limit), (row) => table.row(row));
  return { rows: page, nMatched: rows.length, nTotal, isComplete: isListed };
}

async function detailOf(dataset: OpenedDataset, episodeIndex: number): Promise<EpisodeDetail> {
  const { info } = dataset.reader;
  const episode = await dataset.episode(episodeIndex);
  const { nFrames, state, action } = episode;
  const row = dataset.table.find(episodeIndex);
  const effector = effectorPath(episode, info);
  return {
    datasetId: dataset.place.datasetId,
    episodeIndex,
    split: episode.split,
    task: episode.task,
    annotation: row === undefined ? "none" : dataset.table.annotationAt(row),
    file: episode.source.file,
    nFrames,
    nRawFrames: episode.nRawFrames,
    fps: info.fps,
    stateNames: named(info.stateNames, nFrames === 0 ? 0 : state.length / nFrames, "state"),
    actionNames: named(info.actionNames, nFrames === 0 ? 0 : action.length / nFrames, "action"),
    state: Array.from(state),
    action: Array.from(action),
    rawFrameIndex: Array.from(episode.rawFrameIndex),
    timestampS: Array.from(episode.timestampS),
    effector,
    closeFrameIndex: closeFrame(effector.gripper),
    previous: row === undefined ? undefined : dataset.table.episodeAt(row - 1),
    next: row === undefined ? undefined : dataset.table.episodeAt(row + 1),
  };
}
