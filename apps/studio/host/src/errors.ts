import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A path from outside that is not one inside the workspace. The path itself is not resolved in the message. */
export function outsideWorkspace(path: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_OUTSIDE",
    {
      doing: `Opening ${JSON.stringify(path)}`,
      found: "the workspace holds nothing of that path",
      fix: "Link the folder into the workspace's datasets/ folder, or start the studio with --dataset FOLDER",
    },
    { path },
  );
}

/** A dataset holds a symbolic link that leads out of it and out of the workspace. */
export function escapingLink(dataset: string, link: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_LINK",
    {
      doing: `Opening dataset ${JSON.stringify(dataset)}`,
      found: `its file ${JSON.stringify(link)} is a symbolic link to somewhere outside the dataset and the workspace`,
      fix: "Link the folder that holds both the link and its target into datasets/, or copy the file",
    },
    { dataset, link },
  );
}

/** No dataset, run or recipe of that name. */
export function unknownItem(
  kind: "dataset" | "run" | "recipe" | "episode" | "store of annotations" | "sweep",
  id: string,
  available?: readonly string[],
): PixelVlaError {
  const fix =
    available === undefined
      ? `Choose one from the list of ${kind}s`
      : `Available: ${available.slice(0, 20).join(", ") || "none"}`;
  return pixelVlaError(
    "PVLA_STUDIO_UNKNOWN",
    { doing: `Looking up a ${kind}`, found: `none is called ${JSON.stringify(id)}`, fix },
    { kind, id },
  );
}

/** The port is taken, or may not be used. */
export function cannotListen(port: number, cause: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_PORT",
    {
      doing: `Starting the studio on port ${port}`,
      found: `the port cannot be had (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`,
      fix: "Give another with --port, or 0 for any free one",
    },
    { port },
    cause,
  );
}

/** A folder that should be a workspace is not there. */
export function noWorkspace(path: string, cause: unknown): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_WORKSPACE",
    {
      doing: "Starting the studio",
      found: `the workspace ${path} is not a folder that can be read`,
      fix: "Name an existing folder with --workspace",
    },
    { path },
    cause,
  );
}

/** A command that makes no sense in the run's present state. */
export function commandRefused(command: string, state: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_COMMAND",
    {
      doing: `Asking the run to ${command}`,
      found: `it is ${state}`,
      fix:
        command === "resume"
          ? "A run can be resumed when it is paused, stopped, failed or lost"
          : "Only a run that is at work can be told so",
    },
    { command, state },
  );
}

/** The doctor found something that would ruin the run. */
export function doctorFails(failures: readonly string[]): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_DOCTOR",
    {
      doing: "Launching",
      found: `the doctor fails ${failures.length === 1 ? "a check" : `${failures.length} checks`}: ${failures.join("; ")}`,
      fix: "Mend that first, or launch over it knowingly",
    },
    { failures },
  );
}

/** The host has no `pixelvla` command to start, or cannot tell what the run was started from. */
export function cannotLaunch(found: string, fix: string): PixelVlaError {
  return pixelVlaError("PVLA_STUDIO_LAUNCH", { doing: "Launching a run", found, fix });
}

/** A recipe that cannot be composed in reasonable time and memory. */
export function recipeTooLarge(): PixelVlaError {
  return pixelVlaError("PVLA_STUDIO_RECIPE", {
    doing: "Composing the recipe",
    found: "it takes too long or too much memory",
    fix: "Look at its sizes: layers, widths, image, text length",
  });
}

/** The doctor's process ended without a report: killed, out of memory, or out of time. */
export function doctorDied(): PixelVlaError {
  return pixelVlaError("PVLA_STUDIO_DOCTOR_GONE", {
    doing: "Examining the run",
    found: "the doctor ended without a report",
    fix: "Run `pixelvla doctor RECIPE --dataset FOLDER` in a terminal to see why",
  });
}

/** A worker thread of the host ended while it was asked something. */
export function threadDied(what: string, reason: string): PixelVlaError {
  return pixelVlaError("PVLA_STUDIO_THREAD", {
    doing: `Asking ${what}`,
    found: `its thread ended: ${reason}`,
    fix: "Ask again; it is started anew",
  });
}

/** A picture that the user dropped and the host no longer keeps, or never had. */
export function unknownPicture(): PixelVlaError {
  return pixelVlaError("PVLA_STUDIO_PICTURE", {
    doing: "Reading the dropped picture",
    found: "the host does not keep it any more",
    fix: "Drop it again",
  });
}

/** A mask of another size than the picture it belongs to. */
export function maskSizeDiffers(mask: string, picture: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_MASK",
    { doing: "Reading the drawn mask", found: `it is ${mask} px`, needed: `${picture} px, as the picture` },
    { mask, picture },
  );
}

/** A run without the checkpoint that was asked for. */
export function noCheckpoint(run: string, step: number | undefined): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_CHECKPOINT",
    {
      doing: `Opening a checkpoint of ${JSON.stringify(run)}`,
      found: step === undefined ? "it has saved none yet" : `it has none of train step ${step}`,
      fix: "Choose another run or train step; old checkpoints are removed as a run goes on",
    },
    { run, step },
  );
}

/** An evaluation whose policy was trained on nothing that this workspace knows. */
export function noTrainingData(evaluation: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_STUDIO_TRAINING_DATA",
    {
      doing: `Looking for training episodes like one of ${JSON.stringify(evaluation)}`,
      found: "its policy is no run of this workspace, or the run's dataset lies outside it",
      fix: "Play a checkpoint of a run in this workspace",
    },
    { evaluation },
  );
}

/** Nobody answers at the address of a policy server. */
export function serverUnreachable(address: string, cause: unknown): PixelVlaError {
  const reason =
    cause instanceof Error ? ((cause.cause as NodeJS.ErrnoException | undefined)?.code ?? cause.message) : "";
  return pixelVlaError(
    "PVLA_STUDIO_SERVER",
    {
      doing: `Asking the policy server at ${address}`,
      found: `nobody answers${reason === "" ? "" : ` (${reason})`}`,
      fix: "Start one with `pixelvla serve RUN`, or correct the address",
    },
    { address },
    cause,
  );
}

/** A policy server says no. */
export function serverRefuses(address: string, found: string): PixelVlaError {
  return pixelVlaError("PVLA_STUDIO_SERVER", { doing: `Asking the policy server at ${address}`, found }, { address });
}
