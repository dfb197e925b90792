import { hostArray, POLICY_INPUT, type HostArray } from "@pixelvla/core";
import type { RecipeText } from "../recipe/tokenizer.ts";
import { assembleBatch, type BatchSpec } from "../samples/batch.ts";
import { bytesToUnit } from "../samples/fit-image.ts";
import type { SampleRef } from "../samples/sampler.ts";
import type { SampleStore } from "../samples/sample-store.ts";
import { openStore, type CacheSetup } from "./cache-setup.ts";
import { RowCodec } from "./row-codec.ts";
import type { RowStore, StoreReport } from "./row-store.ts";
import { imageDigest, sampleKeys } from "./sample-key.ts";

/** Samples of a batch whose rows are not at hand: what the prefix must be fed to compute them. */
export interface MissingRows {
  /** Position in the batch of each. */
  readonly samples: readonly number[];
  readonly keys: readonly string[];
  /** Inputs of the prefix, one sample after the other. */
  readonly feeds: Readonly<Record<string, HostArray>>;
}

/** Feeds of a train step cut at the frozen prefix. Boundary values of the missing samples are zeros, to be filled in. */
export interface CachedBatch {
  readonly feeds: Record<string, HostArray>;
  readonly missing: MissingRows | undefined;
  readonly report: StoreReport;
}

/** Assembles batches whose prefix values come from the cache. A sample's picture is read only when its row is missing. */
export class CachedBatches {
  readonly #setup: CacheSetup;
  readonly #codec: RowCodec;
  readonly #store: RowStore;
  readonly #samples: SampleStore;
  /** Digests of pictures by position and frame. */
  readonly #digests = new Map<string, string>();

  constructor(setup: CacheSetup, samples: SampleStore) {
    this.#setup = setup;
    this.#codec = new RowCodec(setup.boundary, setup.dtype);
    this.#store = openStore(setup, this.#codec.rowBytes);
    this.#samples = samples;
  }

  async batch(refs: readonly SampleRef[], firstVisit: number, spec: BatchSpec, text: RecipeText): Promise<CachedBatch> {
    const { inputs: prefixInputs } = this.#setup;
    const image = POLICY_INPUT.image in spec.inputs;
    const samples = await Promise.all(
      refs.map(({ episode, frameIndex }) => this.#samples.sample(episode, frameIndex, { image })),
    );
    const numbers = Object.entries(prefixInputs).filter(([name]) => name !== POLICY_INPUT.image);
    const inputs = { ...Object.fromEntries(numbers), ...spec.inputs };
    const visits = refs.map((_ref, i) => firstVisit + i);
    const assembled = assembleBatch(samples, visits, { ...spec, inputs }, text);
    const images = POLICY_INPUT.image in prefixInputs ? await this.#imageDigests(refs) : refs.map(() => "");
    const keys = sampleKeys(prefixInputs, assembled, images);

    const boundary = this.#codec.feeds(refs.length);
    const absent: number[] = [];
    keys.forEach((key, i) => {
      const row = this.#store.get(key);
      if (row === undefined) absent.push(i);
      else this.#codec.unpack(row, boundary, i);
    });
    const feeds = Object.fromEntries(Object.entries(assembled).filter(([name]) => name in spec.inputs));
    return {
      feeds: { ...feeds, ...boundary },
      missing:
        absent.length === 0
          ? undefined
          : {
              samples: absent,
              keys: absent.map((i) => keys[i]!),
              feeds: await this.#inputsOf(absent, refs, assembled),
            },
      report: this.#store.report(),
    };
  }

  /** Keeps computed rows, see `RowCodec`. */
  keep(keys: readonly string[], rows: readonly Uint8Array<ArrayBuffer>[]): void {
    keys.forEach((key, i) => this.#store.put(key, rows[i]!));
  }

  close(): void {
    this.#store.close();
  }

  #imageDigests(refs: readonly SampleRef[]): Promise<string[]> {
    return Promise.all(
      refs.map(async ({ episode, frameIndex }) => {
        const name = `${episode}/${frameIndex}`;
        const known = this.#digests.get(name);
        if (known !== undefined) return known;
        const digest = imageDigest(await this.#samples.image(episode, frameIndex));
        this.#digests.set(name, digest);
        return digest;
      }),
    );
  }

  /** What the prefix is fed for some samples of the batch. */
  async #inputsOf(
    chosen: readonly number[],
    refs: readonly SampleRef[],
    assembled: Readonly<Record<string, HostArray>>,
  ): Promise<Record<string, HostArray>> {
    const feeds: Record<string, HostArray> = {};
    for (const [name, count] of Object.entries(this.#setup.inputs)) {
      if (name === POLICY_INPUT.image) {
        const target = (feeds[name] = new Float32Array(count * chosen.length));
        for (const [k, i] of chosen.entries()) {
          const { episode, frameIndex } = refs[i]!;
          bytesToUnit(await this.#samples.image(episode, frameIndex), target, k * count);
        }
        continue;
      }
      const source = assembled[name]!;
      const dtype = source instanceof BigInt64Array ? "int64" : "float32";
      const target = (feeds[name] = hostArray(dtype, count * chosen.length));
      for (const [k, i] of chosen.entries())
        target.set(source.subarray(i * count, (i + 1) * count) as never, k * count);
    }
    return feeds;
  }
}
