// Writes checkpoint after checkpoint until it is killed. Each holds its step in two files of different sizes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { JobWriter } from "../../src/index.ts";

const dir = process.argv[2]!;
const job = new JobWriter(dir, {
  kind: "train",
  config: {},
  unit: "train steps",
  total: null,
  resume: true,
  heartbeatMs: 20,
});
for (let step = Number(process.argv[3]); ; step++) {
  await job.checkpoint(
    step,
    async (aside) => {
      writeFileSync(join(aside, "small.txt"), String(step));
      await new Promise((resolve) => setTimeout(resolve, 1));
      writeFileSync(join(aside, "large.txt"), `${step}\n`.repeat(20_000));
    },
    { keepLast: 2 },
  );
  if (step % 3 === 0)
    await job.checkpoint(
      step,
      (aside) => {
        writeFileSync(join(aside, "small.txt"), String(step));
        writeFileSync(join(aside, "large.txt"), `${step}\n`.repeat(20_000));
      },
      { keepLast: 2 },
    );
  job.metrics({ step });
  process.stdout.write(`${step}\n`);
}
