import { type CheckResult } from "./report.ts";
import type { Survey } from "./survey.ts";

/** Do images decode, have the declared size, show something? Names what resizing to a square does to them. */
export function checkImages({ dataset: { info }, images }: Survey): CheckResult {
  const name = "images";
  const broken = images.filter(({ problem }) => problem);
  if (broken.length > 0)
    return {
      name,
      verdict: "fail",
      reason: `${broken.length} of ${images.length} looked-at views cannot be decoded. First: ${broken[0]!.problem!.message}`,
    };
  if (images.length === 0) return { name, verdict: "warn", reason: "No image was looked at." };
  const declared = new Map(info.cameras.map(({ key, widthPx, heightPx }) => [key, { widthPx, heightPx }]));
  const wrong = images.find(({ camera, widthPx, heightPx }) => {
    const size = declared.get(camera);
    return size && size.widthPx > 0 && (size.widthPx !== widthPx || size.heightPx !== heightPx);
  });
  if (wrong) {
    const { widthPx, heightPx } = declared.get(wrong.camera)!;
    return {
      name,
      verdict: "fail",
      reason: `"${wrong.camera}" of episode ${wrong.episodeIndex} is ${wrong.widthPx} x ${wrong.heightPx}, declared is ${widthPx} x ${heightPx}. Masks and prompts would not fit.`,
    };
  }
  const blank = [...declared.keys()].filter((key) => {
    const views = images.filter(({ camera }) => camera === key);
    return views.length > 0 && views.every(({ isBlank }) => isBlank);
  });
  const primary = images.find(({ camera }) => camera === info.primaryCamera);
  const geometry = primary ? describeGeometry(primary) : "no primary camera";
  if (info.primaryCamera !== undefined && blank.includes(info.primaryCamera))
    return {
      name,
      verdict: "fail",
      reason: `The primary camera "${info.primaryCamera}" shows one colour only in every looked-at episode.`,
    };
  if (blank.length > 0) return { name, verdict: "warn", reason: `Blank cameras: ${blank.join(", ")}. ${geometry}.` };
  return { name, verdict: "pass", reason: `${images.length} views decode with their declared sizes. ${geometry}.` };
}

function describeGeometry({
  camera,
  widthPx,
  heightPx,
}: {
  camera: string;
  widthPx: number;
  heightPx: number;
}): string {
  const size = `"${camera}" is ${widthPx} x ${heightPx}`;
  return widthPx === heightPx
    ? `${size}, square: squash and letterbox are the same`
    : `${size}: squashed to a square it loses its aspect ratio, and masks must be resized the same way as images`;
}
