import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** Bytes that are no message of the protocol. */
export const badMessage = (
  format: string,
  found: string,
  facts: Readonly<Record<string, unknown>> = {},
): PixelVlaError => pixelVlaError("PVLA_SERVE_MESSAGE", { doing: `Reading a ${format} message`, found }, facts);

/** An observation the policy cannot be shown. */
export const badObservation = (found: string, needed: string, fix?: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_OBSERVATION",
    { doing: "Reading the observation", found, needed, ...(fix === undefined ? {} : { fix }) },
    { found, needed },
  );

/** More requests wait than the server holds. */
export const serverBusy = (limit: number): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_BUSY",
    {
      doing: "Queueing the request",
      found: `${limit} requests wait already`,
      fix: "Ask again later, or start the server with a larger --queue",
    },
    { limit },
  );

/** A request was not answered in time. */
export const requestTimedOut = (timeoutMs: number): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_TIMEOUT",
    {
      doing: "Waiting for the policy",
      found: `no action within ${(timeoutMs / 1000).toFixed(1)} s`,
      fix: "Use a smaller policy or another device, or raise --timeout",
    },
    { timeoutMs },
  );

/** The server is going down and takes no more requests. */
export const serverDraining = (): PixelVlaError =>
  pixelVlaError("PVLA_SERVE_DRAINING", {
    doing: "Queueing the request",
    found: "the server is shutting down",
    fix: "Connect again when it is back",
  });

/** The process that runs the policy ended while it worked on this request. */
export const inferenceEnded = (how: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_WORKER",
    {
      doing: "Running the policy",
      found: `the inference process ended with ${how}`,
      fix: "A new one is being started; send the observation again",
    },
    { how },
  );

/** The episode's followed mask was lost with the process that followed it; acting without it would be another task. */
export const objectForgotten = (): PixelVlaError =>
  pixelVlaError("PVLA_SERVE_WORKER", {
    doing: "Following the prompted object",
    found: "the inference process was started again in mid-episode and does not know it any more",
    fix: "Send visual_prompt again, or begin a new episode",
  });

/** The inference process cannot be started, again and again. */
export const inferenceBroken = (reason: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_WORKER",
    {
      doing: "Starting the inference process",
      found: reason,
      fix: "See the server's log; free memory or use a smaller policy",
    },
    { reason },
    cause,
  );

/** The policy answered something that is no action chunk. */
export const badChunk = (policy: string, found: string): PixelVlaError =>
  pixelVlaError("PVLA_SERVE_CHUNK", { doing: `Running "${policy}"`, found, needed: "finite actions" }, { found });

/** A policy and an embodiment's clients that do not go together. */
export const embodimentMismatch = (policy: string, embodiment: string, found: string, needed: string, fix: string) =>
  pixelVlaError(
    "PVLA_SERVE_EMBODIMENT",
    { doing: `Serving "${policy}" to ${embodiment} clients`, found, needed, fix },
    { policy, embodiment, found, needed },
  );

/** Listening beyond this machine without protection. */
export const unprotected = (host: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_UNPROTECTED",
    {
      doing: `Listening on ${host}`,
      found: "no token, and the address can be reached from other machines",
      fix: "Give --token (and --tls-cert with --tls-key), or --no-auth if the network is trusted",
    },
    { host },
  );

/** A port that cannot be listened on. */
export const cannotListen = (host: string, port: number, cause: NodeJS.ErrnoException): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_PORT",
    {
      doing: `Listening on ${host}:${port}`,
      found: cause.code === "EADDRINUSE" ? "the port is in use" : cause.message,
      fix: "Choose another with --port, or end what listens there",
    },
    { host, port },
    cause,
  );

/** What `pixelvla serve` or `export` was given cannot be opened. */
export const noPolicy = (path: string, found: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_SERVE_SOURCE",
    {
      doing: "Opening the policy",
      found,
      needed: "a run, a checkpoint folder, a recipe (.yaml) or a module (.mjs)",
      fix: `Given was ${path}`,
    },
    { path },
    cause,
  );

/** A prompt that cannot be turned into a mask. */
export const badPrompt = (found: string, needed: string): PixelVlaError =>
  pixelVlaError("PVLA_SERVE_PROMPT", { doing: "Reading the visual prompt", found, needed }, { found, needed });
