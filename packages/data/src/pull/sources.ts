import { unknownSource } from "./errors.ts";

/** Where files come from. */
export type PullSource =
  | {
      readonly kind: "hub";
      readonly repoType: "dataset" | "model";
      readonly repo: string;
      readonly revision: string;
      readonly folder: string;
    }
  | { readonly kind: "bucket"; readonly bucket: string; readonly folder: string }
  | { readonly kind: "rlds-web"; readonly baseUrl: string };

/** Public datasets by short name: the exact source, its licence as stated there, and its size. */
export const KNOWN_DATASETS: Readonly<Record<string, { readonly source: string; readonly note: string }>> = {
  fractal: {
    source: "gs://gresearch/robotics/fractal20220817_data/0.1.0",
    note: "RT-1, Google robot: 87,212 episodes, 111 GiB, RLDS",
  },
  bridge: {
    source: "https://rail.eecs.berkeley.edu/datasets/bridge_release/data/tfds/bridge_dataset/1.0.0",
    note: "BridgeData V2 as OpenVLA trains on it: 60,064 episodes, RLDS",
  },
  "bridge-oxe": {
    source: "gs://gresearch/robotics/bridge/0.1.0",
    note: "BridgeData in the Open X-Embodiment form, 387 GiB, RLDS",
  },
  "libero-rlds": {
    source: "hf://datasets/openvla/modified_libero_rlds",
    note: "LIBERO without no-ops, four suites, RLDS, MIT",
  },
  "libero-hdf5": {
    source: "hf://datasets/yifengzhu-hf/LIBERO-datasets",
    note: "LIBERO demonstrations as recorded, HDF5",
  },
};

/** Reads a known name, `hf://datasets/OWNER/NAME[@REVISION][/FOLDER]`, `gs://BUCKET/FOLDER` or the web folder of an RLDS version. @throws PVLA_PULL_SOURCE */
export function parseSource(text: string): PullSource {
  const address = KNOWN_DATASETS[text]?.source ?? text;
  const hub = /^hf:\/\/datasets\/([\w.-]+\/[\w.-]+)(?:@([\w./-]+?))?(?:\/((?!.*\.\.).+?))?\/?$/.exec(address);
  if (hub) return { kind: "hub", repoType: "dataset", repo: hub[1]!, revision: hub[2] ?? "main", folder: hub[3] ?? "" };
  const bucket = /^gs:\/\/([\w.-]+)\/(.+?)\/?$/.exec(address);
  if (bucket) return { kind: "bucket", bucket: bucket[1]!, folder: bucket[2]! };
  if (/^https?:\/\/.+/.test(address)) return { kind: "rlds-web", baseUrl: address.replace(/\/+$/, "") };
  throw unknownSource(text, Object.keys(KNOWN_DATASETS));
}
