import { PixelVlaError } from "@pixelvla/core";
import type { Dataset, Episode } from "../episode.ts";

/** What the first, middle and last image of one camera in one episode show. */
export interface ImageFinding {
  readonly episodeIndex: number;
  readonly camera: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Every looked-at image has one colour only. */
  readonly isBlank: boolean;
  /** Why an image could not be had. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

/** Decodes three images of every camera. Damage becomes a finding, so that one bad video does not hide the others. */
export async function surveyImages({ info }: Dataset, episode: Episode): Promise<ImageFinding[]> {
  const { episodeIndex, nFrames } = episode;
  if (nFrames === 0) return [];
  const frames = [...new Set([0, nFrames >> 1, nFrames - 1])];
  const findings: ImageFinding[] = [];
  for (const { key: camera } of info.cameras) {
    const sizes = { widthPx: 0, heightPx: 0 };
    let isBlank = true;
    let problem: ImageFinding["problem"];
    try {
      for (const frame of frames) {
        const { widthPx, heightPx, data } = await episode.image(camera, frame);
        Object.assign(sizes, { widthPx, heightPx });
        isBlank &&= data.every((value, i) => Math.abs(value - data[i % 3]!) <= 2);
      }
    } catch (error) {
      if (!(error instanceof PixelVlaError)) throw error;
      problem = { code: error.code, message: error.message };
    }
    findings.push({ episodeIndex, camera, ...sizes, isBlank: isBlank && !problem, problem });
  }
  return findings;
}
