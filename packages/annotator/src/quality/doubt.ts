/** What is known of an annotation's quality, one frame or a whole episode. Undefined where not measured. */
export interface Measured {
  readonly detectorScore?: number | undefined;
  readonly maskScore?: number | undefined;
  /** IoU of two segmenters or of two prompts, 0..1. */
  readonly agreement?: number | undefined;
  /** Mask area as a share of the image. */
  readonly areaShare?: number | undefined;
  readonly fragmentation?: number | undefined;
  /** In gripper sizes. */
  readonly gripperDistance?: number | undefined;
  readonly stability?: number | undefined;
  readonly phraseMatch?: number | undefined;
  /** Tracker's confidence in this frame. */
  readonly trackScore?: number | undefined;
  /** Share of the episode's frames with a mask. */
  readonly framesWithMask?: number | undefined;
  /** Whether the target was found outside the region proposal. */
  readonly outsideRegion?: boolean | undefined;
}

/** Doubt in 0..1 and the measures behind it, the worst first, in words. */
export interface Doubt {
  readonly doubt: number;
  readonly reason: string;
}

interface Term {
  /** How much a thoroughly bad value counts by itself, 0..1. */
  readonly weight: number;
  /** 0 good .. 1 bad; undefined where not measured. */
  readonly badness: (m: Measured) => number | undefined;
  readonly words: (m: Measured) => string;
}

const percent = (value: number | undefined) => `${Math.round(100 * (value ?? 0))} %`;
/** 0 at `good` and beyond, 1 at `bad` and beyond, straight between. */
const ramp = (value: number | undefined, good: number, bad: number) =>
  value === undefined ? undefined : Math.min(1, Math.max(0, (value - good) / (bad - good)));

/** The terms of doubt. docs/guide/annotation.md prints this table. */
export const DOUBT_TERMS: Readonly<Record<string, Term>> = {
  agreement: {
    weight: 0.7,
    badness: ({ agreement }) => ramp(agreement, 0.9, 0.4),
    words: ({ agreement }) => `two masks of it agree by only ${percent(agreement)}`,
  },
  gripperDistance: {
    weight: 0.6,
    badness: ({ gripperDistance }) => ramp(gripperDistance, 0.25, 2),
    words: ({ gripperDistance }) => `${(gripperDistance ?? 0).toFixed(1)} gripper sizes away when the gripper closes`,
  },
  detector: {
    weight: 0.5,
    badness: ({ detectorScore }) => ramp(detectorScore, 0.7, 0.2),
    words: ({ detectorScore }) => `the detector is ${percent(detectorScore)} sure`,
  },
  framesWithMask: {
    weight: 0.5,
    badness: ({ framesWithMask }) => ramp(framesWithMask, 0.9, 0.3),
    words: ({ framesWithMask }) => `a mask in only ${percent(framesWithMask)} of the frames`,
  },
  phrase: {
    weight: 0.5,
    badness: ({ phraseMatch }) => ramp(phraseMatch, 1, 0),
    words: ({ phraseMatch }) => `the detector's label fits the phrase by ${percent(phraseMatch)}`,
  },
  stability: {
    weight: 0.4,
    badness: ({ stability }) => ramp(stability, 0.75, 0.25),
    words: ({ stability }) => `the mask jumps from frame to frame (steady by ${percent(stability)})`,
  },
  track: {
    weight: 0.4,
    badness: ({ trackScore }) => ramp(trackScore, 0.8, 0.3),
    words: ({ trackScore }) => `the tracker is ${percent(trackScore)} sure`,
  },
  mask: {
    weight: 0.4,
    badness: ({ maskScore }) => ramp(maskScore, 0.85, 0.4),
    words: ({ maskScore }) => `the segmenter is ${percent(maskScore)} sure`,
  },
  fragmentation: {
    weight: 0.3,
    badness: ({ fragmentation }) => ramp(fragmentation, 0.02, 0.3),
    words: ({ fragmentation }) => `${percent(fragmentation)} of the mask lies apart`,
  },
  area: {
    weight: 0.3,
    badness: ({ areaShare }) =>
      areaShare === undefined ? undefined : Math.max(ramp(areaShare, 0.1, 0.35)!, ramp(areaShare, 0.001, 0.0003)!),
    words: ({ areaShare }) =>
      `the mask covers ${(100 * (areaShare ?? 0)).toFixed(areaShare! < 0.01 ? 2 : 0)} % of the image`,
  },
  outsideRegion: {
    weight: 0.3,
    badness: ({ outsideRegion }) => (outsideRegion === undefined ? undefined : Number(outsideRegion)),
    words: () => "found outside the region around the gripper",
  },
};

const NAMED = 2;
const WORTH_NAMING = 0.05;

/**
 * Doubt = 1 - product over the measured terms of (1 - weight x badness): independent reasons add up, none alone reaches 1, and
 * what was not measured counts for nothing. The reason names up to two terms, the heaviest first.
 */
export function doubtOf(measured: Measured): Doubt {
  const terms = Object.values(DOUBT_TERMS).flatMap((term) => {
    const badness = term.badness(measured);
    return badness === undefined ? [] : [{ term, share: term.weight * badness }];
  });
  const doubt = 1 - terms.reduce((sure, { share }) => sure * (1 - share), 1);
  const named = terms
    .filter(({ share }) => share >= WORTH_NAMING)
    .sort((a, b) => b.share - a.share)
    .slice(0, NAMED);
  const reason = named.length === 0 ? "nothing stands out" : named.map(({ term }) => term.words(measured)).join("; ");
  return { doubt: Math.min(1, Math.max(0, doubt)), reason };
}
