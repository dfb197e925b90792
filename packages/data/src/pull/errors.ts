import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A source that is neither a known name nor an address. */
export function unknownSource(source: string, known: readonly string[]): PixelVlaError {
  const near = nearestName(source, [...known]);
  return pixelVlaError(
    "PVLA_PULL_SOURCE",
    {
      doing: `Downloading "${source}"`,
      found: "no such dataset",
      needed: `hf://datasets/OWNER/NAME[@REVISION][/FOLDER], gs://BUCKET/FOLDER or a known name (${known.join(", ")})`,
      ...(near === undefined ? {} : { fix: `Did you mean "${near}"?` }),
    },
    { source },
  );
}

/** The server does not give what is asked for. */
export const serverRefused = (url: string, found: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_PULL_SERVER",
    { doing: `Downloading ${url}`, found, fix: "Run the same command again: it goes on where it stopped" },
    { url },
    cause,
  );

/** A downloaded file is not what the source says it is. */
export const hashMismatch = (
  file: string,
  facts: { algorithm: string; expected: string; found: string },
): PixelVlaError =>
  pixelVlaError(
    "PVLA_PULL_HASH",
    {
      doing: `Checking ${file}`,
      found: `${facts.algorithm} ${facts.found}, the source says ${facts.expected}`,
      fix: "The file was thrown away: run the same command again. If it stays so, the source itself is damaged",
    },
    { file, ...facts },
  );

/** A source lists a path that would be written outside the target folder. */
export const unsafeRemotePath = (source: string, path: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_PULL_PATH",
    {
      doing: `Listing ${source}`,
      found: `the path ${JSON.stringify(path)}, which leaves the target folder`,
      fix: "Do not use this source",
    },
    { source, path },
  );

/** What was named is no repository of the model hub. */
export function notAModel(model: string, known: readonly string[]): PixelVlaError {
  const near = nearestName(model, [...known]);
  return pixelVlaError(
    "PVLA_PULL_SOURCE",
    {
      doing: `Downloading model "${model}"`,
      found: "neither a known name nor a repository",
      needed: `OWNER/NAME[@REVISION] or a known name (${known.join(", ")})`,
      ...(near === undefined ? {} : { fix: `Did you mean "${near}"?` }),
    },
    { model },
  );
}

/** Offline, and the model is not whole on this machine. */
export const notThereOffline = (model: string, folder: string, found: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_PULL_OFFLINE",
    {
      doing: `Looking for model "${model}" offline in ${folder}`,
      found,
      fix: "Run the same command once with a connection, or copy the folder from a machine that has it",
    },
    { model, folder },
  );
