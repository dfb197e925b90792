/** What a metrics worker is started with. */
export interface MetricsThreadData {
  /** Folder of stored columns. */
  readonly storeDir: string;
}

/** A metrics file: the run it belongs to and its checked path. */
export interface MetricsFile {
  readonly runId: string;
  readonly path: string;
}

interface Asked {
  readonly files: readonly MetricsFile[];
  readonly keys: readonly string[];
  readonly axis: "step" | "time";
}

export interface CurvesQuestion extends Asked {
  readonly smoothing: number;
  readonly maxPoints: number;
  readonly range: { readonly start: number; readonly end: number } | undefined;
}

export interface BinsQuestion extends Asked {
  readonly smoothing: number;
  /** Of each key. */
  readonly extents: readonly Extent[];
  readonly nBins: number;
}

/** Where the lines of a metric begin and end on the axis; infinite where there are none. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** One thinned curve. */
export interface CurveAnswer {
  readonly runId: string;
  readonly key: string;
  readonly nPoints: number;
  readonly rawX: Float64Array;
  readonly rawY: Float64Array;
  readonly smoothX: Float64Array;
  readonly smoothY: Float64Array;
}

/** What a metrics worker can be asked. */
export interface MetricsMethods {
  readonly curves: (question: CurvesQuestion) => readonly CurveAnswer[];
  /** Of each key over all files. */
  readonly extents: (question: Asked) => readonly Extent[];
  /** `[nKeys, nFiles, nBins]` */
  readonly bins: (question: BinsQuestion) => Float32Array;
  readonly [method: string]: (question: never) => unknown;
}
