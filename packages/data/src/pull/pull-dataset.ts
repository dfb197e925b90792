import { pullFiles, type PullOptions, type PullReport } from "./pull-files.ts";
import { listRemote } from "./remote-files.ts";
import { parseSource } from "./sources.ts";

/**
 * Downloads a public dataset into `folder`. Interrupted, the same call goes on where it stopped, within files too.
 *
 * @throws PVLA_PULL_SOURCE, PVLA_PULL_SERVER, PVLA_PULL_HASH, PVLA_PULL_PATH, PVLA_PIXELS_WRITE
 */
export async function pullDataset(source: string, folder: string, options: PullOptions = {}): Promise<PullReport> {
  return pullFiles(source, await listRemote(parseSource(source), options, options.signal), folder, options);
}
