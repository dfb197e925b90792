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

/** What a metrics worker is asked. */
export type MetricsQuestion =
  | {
      readonly kind: "curves";
      readonly files: readonly MetricsFile[];
      readonly keys: readonly string[];
      readonly axis: "step" | "time";
      readonly smoothing: number;
      readonly maxPoints: number;
      readonly range: { readonly start: number; readonly end: number } | undefined;
    }
  | {
      readonly kind: "extent";
      readonly files: readonly MetricsFile[];
      readonly key: string;
      readonly axis: "step" | "time";
    }
  | {
      readonly kind: "bins";
      readonly files: readonly MetricsFile[];
      readonly key: string;
      readonly axis: "step" | "time";
      readonly smoothing: number;
      readonly start: number;
      readonly end: number;
      readonly nBins: number;
    };

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

/** What it answers, by kind of question. `bins`: `[nFiles, nBins]`. */
export interface MetricsAnswers {
  readonly curves: readonly CurveAnswer[];
  readonly extent: { readonly min: number; readonly max: number };
  readonly bins: Float32Array;
}

export type MetricsRequest = MetricsQuestion & { readonly id: number };
export type MetricsReply =
  | { readonly id: number; readonly answer: MetricsAnswers[keyof MetricsAnswers] }
  | { readonly id: number; readonly failure: string };
