import { gripperCloses, openDataset, type Dataset, type Episode, type EpisodeSummary } from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { datasetArgs, openOptions } from "./options.ts";

export const inspectCommand = defineCommand({
  meta: { name: "inspect", description: "Show what a dataset holds, its episodes, or one episode" },
  args: {
    ...datasetArgs,
    episodes: { type: "string", default: "10", description: "How many episodes to list" },
    episode: { type: "string", description: "Show this episode instead of a list" },
    "on-damage": { type: "string", default: "skip", description: "skip and report damage, or stop at it" },
    ...jsonArg,
  },
  async run({ args }) {
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const dataset = await openDataset(args.dataset, openOptions(args, args["on-damage"], signal));
    try {
      if (args.episode === undefined) await printList(dataset, wholeNumber("--episodes", args.episodes), args.json);
      else await printEpisode(dataset, wholeNumber("--episode", args.episode), args.json);
    } finally {
      await dataset.close();
    }
  },
});

async function printList(dataset: Dataset, count: number, json: boolean): Promise<void> {
  const episodes: EpisodeSummary[] = [];
  for await (const summary of dataset.summaries({ end: count })) episodes.push(summary);
  const { info, damage } = dataset;
  printResult(json, { info, episodes, damage }, () =>
    [
      describe(dataset),
      "",
      formatTable([
        ["episode", "split", "frames", "instruction", "file"],
        ...episodes.map(({ episodeIndex, split, nFrames, task, source: { file, offset } }) => [
          episodeIndex,
          split,
          nFrames,
          task || "(none)",
          offset === undefined ? file : `${file} @ ${offset}`,
        ]),
      ]),
      ...(info.nEpisodes > count ? [`… and ${info.nEpisodes - count} more (--episodes N)`] : []),
      ...damage.map(({ code, message }) => `${code}  ${message}`),
    ].join("\n"),
  );
}

async function printEpisode(dataset: Dataset, episodeIndex: number, json: boolean): Promise<void> {
  const episode = await dataset.episode(episodeIndex);
  const closes = gripperCloses(episode);
  const { split, task, source, nFrames, nRawFrames, action, state, rawFrameIndex, timestampS } = episode;
  const value = {
    episodeIndex,
    split,
    task,
    source,
    nFrames,
    nRawFrames,
    closes,
    rawFrameIndex,
    timestampS,
    action,
    state,
  };
  printResult(json, value, () => {
    const file = source.offset === undefined ? source.file : `${source.file} at byte ${source.offset}`;
    const close = closes.map((event) => event.commandFrame).join(", ") || "none";
    return [
      `episode ${episodeIndex} (${split}): ${task || "no instruction"}`,
      `${nFrames} frames of ${nRawFrames} recorded, from ${file}`,
      `gripper closes at recorded frame: ${close}`,
      "",
      formatTable([["frame", "recorded", "time s", ...dataset.info.actionNames], ...rows(episode)]),
    ].join("\n");
  });
}

function* rows({ nFrames, action, rawFrameIndex, timestampS }: Episode): Generator<(string | number)[]> {
  const width = action.length / Math.max(1, nFrames);
  for (let t = 0; t < nFrames; t++) {
    const values = Array.from(action.subarray(t * width, (t + 1) * width), (value) => value.toFixed(4));
    yield [t, rawFrameIndex[t]!, timestampS[t]!.toFixed(3), ...values];
  }
}

function describe({ info }: Dataset): string {
  const cameras = info.cameras.map(({ key, widthPx, heightPx }) => {
    const primary = key === info.primaryCamera ? " (primary)" : "";
    return `${key} ${widthPx} x ${heightPx}${primary}`;
  });
  const missing = info.nEpisodesDeclared - info.nEpisodes;
  return [
    `${info.name}  ${info.format} ${info.version}  ${info.root}`,
    `episodes   ${info.nEpisodes}${missing > 0 ? ` (${missing} more are listed, but their files are missing)` : ""}`,
    `frames     ${info.nFrames ?? "not stated by the metadata"}`,
    `splits     ${info.splits.join(", ")}`,
    `rate       ${info.fps === undefined ? "not stated" : `${info.fps} frames/s`}`,
    `cameras    ${cameras.join(", ") || "none"}`,
    `actions    ${info.actionNames.join(", ")}  (standardised as ${info.standardisation})`,
    `state      ${info.stateNames.join(", ") || "as recorded"}`,
  ].join("\n");
}
