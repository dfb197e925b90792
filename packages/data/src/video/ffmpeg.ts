import { decoderMissing } from "../errors.ts";

/** The parts of node-av the reader uses; loaded on first use, so that image datasets never pay for it. */
export type Ffmpeg = typeof import("node-av/lib") & { readonly constants: typeof import("node-av/constants") };

let loading: Promise<Ffmpeg> | undefined;

/** Loads FFmpeg. @throws PVLA_DATA_DECODER when the optional package is absent; `file` is what needed it */
export async function loadFfmpeg(file: string): Promise<Ffmpeg> {
  loading ??= load();
  return loading.catch((cause: unknown) => {
    throw decoderMissing(file, cause);
  });
}

async function load(): Promise<Ffmpeg> {
  const [lib, constants] = await Promise.all([import("node-av/lib"), import("node-av/constants")]);
  lib.Log.setLevel(constants.AV_LOG_FATAL); // its warnings go to stderr unasked; errors come back as return codes
  return { ...lib, constants };
}
