import { join } from "node:path";
import { z } from "zod";
import type { CameraInfo } from "../episode.ts";
import { badMetadata } from "../errors.ts";
import { readJson } from "../json-file.ts";

const featureSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number()).default([]),
  names: z.unknown().optional(),
});

const infoSchema = z.object({
  codebase_version: z.string(),
  robot_type: z.string().nullish(),
  total_episodes: z.int().nonnegative(),
  total_frames: z.int().nonnegative().optional(),
  chunks_size: z.int().positive().default(1000),
  fps: z.number().positive(),
  splits: z.record(z.string(), z.string()).default({}),
  data_path: z.string(),
  video_path: z.string().nullish(),
  features: z.record(z.string(), featureSchema),
});

/** One entry of `features`. */
export type LerobotFeature = z.output<typeof featureSchema>;

/** meta/info.json, checked. */
export interface LerobotInfo {
  readonly format: "lerobot-v2.1" | "lerobot-v3";
  readonly version: string;
  readonly robotType: string | undefined;
  readonly nEpisodes: number;
  readonly nFrames: number | undefined;
  readonly chunksSize: number;
  readonly fps: number;
  readonly splits: Readonly<Record<string, string>>;
  readonly dataPath: string;
  readonly videoPath: string | undefined;
  readonly features: Readonly<Record<string, LerobotFeature>>;
}

export const INFO_FILE = "meta/info.json";

/** @throws PVLA_DATA_METADATA also for versions before 2.0 or after 3.x */
export async function readLerobotInfo(root: string): Promise<LerobotInfo> {
  return parseLerobotInfo(await readJson(join(root, INFO_FILE)));
}

/** `readLerobotInfo` on parsed JSON. */
export function parseLerobotInfo(json: unknown): LerobotInfo {
  const parsed = infoSchema.safeParse(json);
  if (!parsed.success)
    throw badMetadata(INFO_FILE, z.prettifyError(parsed.error).replaceAll("\n", " "), {
      needed: "LeRobot information",
    });
  const info = parsed.data;
  const major = /^v?(\d+)\./.exec(info.codebase_version)?.[1];
  if (major !== "2" && major !== "3")
    throw badMetadata(INFO_FILE, `codebase_version ${JSON.stringify(info.codebase_version)}`, {
      needed: "v2.0, v2.1 or v3.x",
      fix: "Convert it with LeRobot's own converter first",
    });
  return {
    format: major === "2" ? "lerobot-v2.1" : "lerobot-v3",
    version: info.codebase_version,
    robotType: info.robot_type ?? undefined,
    nEpisodes: info.total_episodes,
    nFrames: info.total_frames,
    chunksSize: info.chunks_size,
    fps: info.fps,
    splits: info.splits,
    dataPath: info.data_path,
    videoPath: info.video_path ?? undefined,
    features: info.features,
  };
}

/** Fills a Python format template such as `chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet`. */
export function fillTemplate(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)(?::0?(\d+)d)?\}/g, (whole, key: string, width: string | undefined) => {
    const value = values[key];
    return value === undefined ? whole : String(value).padStart(Number(width ?? 0), "0");
  });
}

/** Names of a feature's dimensions; LeRobot writes a list, a list in a list, or a dict of lists. */
export function dimensionNames(key: string, { names, shape }: LerobotFeature): string[] {
  const flat = flattenNames(names);
  const width = shape.reduce((a, b) => a * b, 1);
  return flat.length === width ? flat : Array.from({ length: width }, (_, i) => `${key}_${i}`);
}

/** Features that hold images or video. */
export function camerasOf({ features }: LerobotInfo): CameraInfo[] {
  return Object.entries(features).flatMap(([key, feature]) => {
    if (feature.dtype !== "image" && feature.dtype !== "video") return [];
    const names = flattenNames(feature.names);
    const channelFirst = names[0]?.startsWith("channel") ?? (feature.shape[0] === 3 && feature.shape[2] !== 3);
    const [heightPx = 0, widthPx = 0] = channelFirst ? feature.shape.slice(1) : feature.shape;
    return [{ key, widthPx, heightPx }];
  });
}

function flattenNames(names: unknown): string[] {
  if (typeof names === "string") return [names];
  if (Array.isArray(names)) return names.flatMap(flattenNames);
  if (typeof names !== "object" || names === null) return [];
  return Object.entries(names).flatMap(([key, value]) => (typeof value === "number" ? [key] : flattenNames(value)));
}
