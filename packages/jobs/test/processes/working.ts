// A short job: notes when it began and ended, stops when asked to.
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { JobWriter } from "../../src/index.ts";

const [dir, journal, rounds] = process.argv.slice(2) as [string, string, string];
const job = new JobWriter(dir, { kind: "train", config: {}, unit: "rounds", total: Number(rounds) });
appendFileSync(journal, `begin ${dir}\n`);
let stopped = false;
for (let round = 1; round <= Number(rounds) && !stopped; round++) {
  await sleep(50);
  job.progress(round);
  stopped = (await job.takeCommands()).includes("stop");
}
appendFileSync(journal, `end ${dir}\n`);
job.close(stopped ? "stopped" : "done");
