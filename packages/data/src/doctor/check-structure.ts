import { percent, some, type CheckResult } from "./report.ts";
import type { Survey } from "./survey.ts";

/** Version and key map: is there an action, a state, a camera to look through? */
export function checkVersion({ dataset: { info } }: Survey): CheckResult {
  const cameras = info.cameras.map(({ key }) => key).join(", ") || "none";
  const found = `${info.format} ${info.version}, standardised as "${info.standardisation}", ${info.actionNames.length} action and ${info.stateNames.length} state dimensions, cameras: ${cameras} (looking through ${info.primaryCamera ?? "none"})`;
  if (info.actionNames.length === 0)
    return { name: "version", verdict: "fail", reason: `${found}. There is no action to learn.` };
  if (!info.primaryCamera) return { name: "version", verdict: "fail", reason: `${found}. A policy needs a camera.` };
  if (info.actionNames.length !== 7)
    return { name: "version", verdict: "warn", reason: `${found}. The shipped recipes expect 7 action dimensions.` };
  return { name: "version", verdict: "pass", reason: `${found}.` };
}

/** Are all files there that the metadata promises? */
export function checkFiles({ dataset: { info } }: Survey): CheckResult {
  const { nEpisodes, nEpisodesDeclared, missingFiles } = info;
  if (nEpisodes === 0)
    return { name: "files", verdict: "fail", reason: "No episode's file is on this disk. Download the dataset." };
  if (missingFiles.length === 0 && nEpisodes >= nEpisodesDeclared)
    return { name: "files", verdict: "pass", reason: `All ${nEpisodesDeclared} episodes have their files.` };
  const first = missingFiles[0] === undefined ? "" : ` (first missing: ${missingFiles[0]})`;
  return {
    name: "files",
    verdict: "warn",
    reason: `${nEpisodes} of ${nEpisodesDeclared} episodes have their files${first}. Download the rest, or go on with these.`,
  };
}

/** Did every episode read? */
export function checkRead({ dataset, episodes }: Survey): CheckResult {
  const damage = dataset.damage.filter(({ code }) => code !== "PVLA_DATA_NON_FINITE");
  const first = damage[0];
  if (!first) return { name: "read", verdict: "pass", reason: `${episodes.length} episodes read without damage.` };
  return { name: "read", verdict: "fail", reason: `${damage.length} places are damaged. First: ${first.message}` };
}

/** NaN and infinite actions. */
export function checkFinite({ dataset }: Survey): CheckResult {
  const bad = dataset.damage.filter(({ code }) => code === "PVLA_DATA_NON_FINITE");
  const first = bad[0];
  if (!first) return { name: "finite", verdict: "pass", reason: "All actions are finite." };
  return {
    name: "finite",
    verdict: "fail",
    reason: `${bad.length} episodes have actions that are no numbers. First: ${first.message}`,
  };
}

/** Instructions. */
export function checkLanguage({ episodes }: Survey): CheckResult {
  const empty = episodes.filter(({ task }) => task.trim() === "").map(({ episodeIndex }) => episodeIndex);
  const nTasks = new Set(episodes.map(({ task }) => task)).size;
  if (episodes.length > 0 && empty.length === episodes.length)
    return {
      name: "language",
      verdict: "fail",
      reason: "No episode has an instruction. Policies here are told what to do in words.",
    };
  if (empty.length > 0)
    return {
      name: "language",
      verdict: "warn",
      reason: `${some(empty, episodes.length)} have no instruction (${percent(empty.length, episodes.length)}); training skips them.`,
    };
  return { name: "language", verdict: "pass", reason: `Every episode has an instruction; ${nTasks} different ones.` };
}

/** Frame intervals against the stated rate. */
export function checkTiming({ dataset: { info }, episodes }: Survey): CheckResult {
  if (info.fps === undefined)
    return { name: "timing", verdict: "warn", reason: "The dataset states no frame rate; times count frames." };
  const limitS = 0.1 / info.fps;
  const off = episodes.filter(({ timingErrorS }) => timingErrorS > limitS);
  const worst = Math.max(0, ...off.slice(0, 1000).map(({ timingErrorS }) => timingErrorS));
  if (off.length === 0) return { name: "timing", verdict: "pass", reason: `Frames come at ${info.fps} per second.` };
  return {
    name: "timing",
    verdict: "fail",
    reason: `${some(
      off.map(({ episodeIndex }) => episodeIndex),
      episodes.length,
    )} have frames that are not 1/${info.fps} s apart (off by up to ${worst.toFixed(3)} s). The stated fps is wrong or frames are missing.`,
  };
}
