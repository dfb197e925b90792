/**
 * Draws the pictures of docs/bench: a contact sheet of every task and variant for each embodiment, and a film of the expert for
 * each task. `node --conditions=@pixelvla/source --import tsx packages/bench/examples/gallery.ts docs/bench`
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  contactSheet,
  encodeFilm,
  episodeSpec,
  expertPolicy,
  filmEpisode,
  Renderer,
  ROLLOUT_DEFAULTS,
  runEpisode,
  suits,
  TabletopWorld,
  TASKS,
  VARIANTS,
  type EmbodimentName,
  type TaskName,
  type Tile,
} from "../src/index.ts";

const folder = process.argv[2] ?? "docs/bench";
const SHEET_PX = 112;
const FILM_PX = 160;
const SEED = 11;

async function tile(embodiment: EmbodimentName, task: TaskName, variant: string): Promise<Tile> {
  const spec = episodeSpec({ embodiment, task, variant, seed: SEED });
  const world = await TabletopWorld.create(spec.scene);
  const renderer = new Renderer(world, SHEET_PX, 2);
  const { image } = renderer.render();
  renderer.dispose();
  world.dispose();
  return { image, caption: variant === "base" ? task : variant };
}

async function sheet(embodiment: EmbodimentName): Promise<void> {
  const rows: (Tile | undefined)[][] = [];
  for (const variant of VARIANTS) {
    const row: (Tile | undefined)[] = [];
    for (const task of TASKS) row.push(suits(variant, task) ? await tile(embodiment, task, variant.name) : undefined);
    rows.push(row);
  }
  const bytes = await contactSheet(rows, SHEET_PX, { quality: 72 });
  report(`contact-sheet-${embodiment}.webp`, bytes);
}

async function film(embodiment: EmbodimentName, task: TaskName): Promise<void> {
  const key = { embodiment, task, variant: "base", seed: SEED };
  const { log } = await runEpisode(expertPolicy(), key, { ...ROLLOUT_DEFAULTS, executeSteps: 1, end: "settled" });
  report(`${embodiment}-${task}.webp`, await encodeFilm(await filmEpisode(log, FILM_PX), 60));
}

function report(name: string, bytes: Buffer): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), bytes);
  process.stderr.write(`${name}  ${(bytes.length / 1024).toFixed(0)} KiB\n`);
}

for (const embodiment of ["widowx", "google-robot"] as const) {
  await sheet(embodiment);
  for (const task of TASKS) await film(embodiment, task);
}
