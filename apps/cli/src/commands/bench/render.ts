import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import * as bench from "@pixelvla/bench";
import { defineCommand } from "citty";

import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";

export const benchRenderCommand = defineCommand({
  meta: { name: "render", description: "Replay episode logs bit for bit and render each as an animated WebP" },
  args: {
    log: { type: "positional", required: true, description: "episodes.jsonl of `bench run --out`" },
    out: { type: "string", default: ".", description: "Folder for the pictures" },
    size: { type: "string", default: "160", description: "Side of the picture in pixels" },
    seed: { type: "string", description: "Only episodes with this seed" },
    ...jsonArg,
  },
  async run({ args }) {
    const sizePx = wholeNumber("--size", args.size);
    const seed = args.seed === undefined ? undefined : wholeNumber("--seed", args.seed);
    const logs = bench.readLogs(resolve(args.log)).filter((log) => seed === undefined || log.seed === seed);
    const folder = resolve(args.out);
    await mkdir(folder, { recursive: true });
    const progress = createProgress({ json: args.json });
    const files: { file: string; nFrames: number; nBytes: number }[] = [];
    for (const [i, log] of logs.entries()) {
      const film = await bench.filmEpisode(log, sizePx);
      const bytes = await bench.encodeFilm(film);
      const file = join(folder, `${bench.episodeName(log).replaceAll("/", "-")}.webp`);
      await writeFile(file, bytes);
      files.push({ file, nFrames: film.frames.length, nBytes: bytes.length });
      progress.update({ done: i + 1, total: logs.length, unit: "episodes" });
    }
    progress.end();
    printResult(args.json, files, () =>
      files
        .map(({ file, nFrames, nBytes }) => `${file}  ${nFrames} frames, ${(nBytes / 1024).toFixed(0)} KiB`)
        .join("\n"),
    );
  },
});
