import { percent, some, type CheckResult } from "./report.ts";
import type { Survey } from "./survey.ts";

/** Gripper convention: 1 open, 0 closed, and the measured opening follows the command. */
export function checkGripper({ dataset: { info }, episodes }: Survey): CheckResult {
  const name = "gripper";
  if (info.actionNames.length !== 7 || episodes.length === 0)
    return { name, verdict: "warn", reason: `No gripper is known among ${info.actionNames.length} action dimensions.` };
  const min = Math.min(...episodes.map(({ gripperMin }) => gripperMin));
  const max = Math.max(...episodes.map(({ gripperMax }) => gripperMax));
  const range = `gripper actions run from ${min.toFixed(2)} to ${max.toFixed(2)}`;
  if (min < -0.5 && max > 0.5)
    return {
      name,
      verdict: "fail",
      reason: `${range}, a -1/+1 convention, where 1 open / 0 closed is needed. Try --standardisation libero.`,
    };
  if (min < -0.05 || max > 1.05)
    return {
      name,
      verdict: "fail",
      reason: `${range}, outside 0 (closed) to 1 (open). The last action dimension is no gripper, or needs a standardisation.`,
    };
  const votes = episodes.reduce((sum, { openingFollows }) => sum + openingFollows, 0);
  if (votes < 0)
    return {
      name,
      verdict: "fail",
      reason: `${range}, but the measured opening moves against the command: the convention is inverted (1 must be open).`,
    };
  if (min === max)
    return { name, verdict: "warn", reason: `${range}: the gripper never moves, so no grasp can be found or learned.` };
  const known = episodes.filter(({ startsOpen }) => startsOpen !== undefined);
  const open = known.filter(({ startsOpen }) => startsOpen).length;
  const closes = episodes.filter(({ nCloses }) => nCloses > 0).length;
  const story = `${range}; ${percent(open, known.length)} of episodes start open, ${closes} of ${episodes.length} close on something`;
  if (known.length > 0 && open < known.length / 2)
    return {
      name,
      verdict: "warn",
      reason: `${story}. Most start closed, which often means the convention is inverted.`,
    };
  if (closes < episodes.length * 0.3)
    return { name, verdict: "warn", reason: `${story}. Few have the close event that annotation starts from.` };
  return { name, verdict: "pass", reason: `${story}.` };
}

/** Are actions small differences, or absolute poses? */
export function checkDeltas({ dataset: { info }, episodes }: Survey): CheckResult {
  const name = "deltas";
  const usable = episodes.filter(
    ({ nFrames, toState, toStateDifference }) => nFrames > 2 && toState + toStateDifference > 0,
  );
  if (info.actionNames.length !== 7 || usable.length === 0)
    return {
      name,
      verdict: "warn",
      reason: "Actions cannot be compared with states: widths differ or there is no state.",
    };
  const mean = (pick: (episode: (typeof usable)[number]) => number) =>
    usable.reduce((sum, e) => sum + pick(e), 0) / usable.length;
  const toState = mean((e) => e.toState);
  const toDifference = mean((e) => e.toStateDifference);
  const facts = `actions differ from the state by ${toState.toPrecision(2)} and from its next change by ${toDifference.toPrecision(2)} on average`;
  if (toState < 0.5 * toDifference)
    return {
      name,
      verdict: "fail",
      reason: `${facts}: they look like absolute poses. Policies here learn deltas; convert the dataset.`,
    };
  return { name, verdict: "pass", reason: `${facts}: they are deltas.` };
}

/** Episodes that stand still, and jumps far beyond the others. */
export function checkMotion({ episodes }: Survey): CheckResult {
  const name = "motion";
  const moves = episodes.map(({ largestMove }) => largestMove).sort((a, b) => a - b);
  const usual = moves[Math.floor(moves.length * 0.5)] ?? 0;
  const still = episodes.filter(({ path, nFrames }) => nFrames > 0 && path < 1e-3 * Math.max(usual, 1e-9) * nFrames);
  const jerky = episodes.filter(({ largestMove }) => usual > 0 && largestMove > 10 * usual);
  const index = ({ episodeIndex }: { episodeIndex: number }) => episodeIndex;
  const findings = [
    ...(still.length > 0 ? [`${some(still.map(index), episodes.length)} hardly move`] : []),
    ...(jerky.length > 0
      ? [`${some(jerky.map(index), episodes.length)} jump more than ten times the usual largest step`]
      : []),
  ];
  if (findings.length > 0)
    return { name, verdict: "warn", reason: `${findings.join("; ")}. Look at them before training.` };
  return {
    name,
    verdict: "pass",
    reason: `No episode stands still or jumps; the usual largest step is ${usual.toPrecision(2)}.`,
  };
}
