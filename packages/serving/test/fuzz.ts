// Feeds damaged messages to everything that reads what a client sent: fuzz.ts [COUNT] [SEED]. Ends with 1 at the first surprise.
import { PixelVlaError, Random } from "@pixelvla/core";
import { decodeMsgpack } from "../src/codec/decode-msgpack.ts";
import { encodeMsgpack } from "../src/codec/encode-msgpack.ts";
import { parseJsonNumpy, writeJsonNumpy } from "../src/codec/json-numpy.ts";
import { float64Array, uint8Array } from "../src/codec/nd-array.ts";
import { readObservation } from "../src/observation/read-observation.ts";
import { servingOptionsSchema } from "../src/observation/serving-options.ts";

const count = Number(process.argv[2] ?? 1_000_000);
const random = new Random(process.argv[3] ?? "fuzz");
const options = servingOptionsSchema.parse({});
const observation = {
  "observation/image": uint8Array(new Uint8Array(4 * 5 * 3).fill(7), [4, 5, 3]),
  images: { agentview: uint8Array(new Uint8Array(12), [2, 2, 3]) },
  "observation/state": float64Array([1, 2], [2]),
  prompt: "pick",
  visual_prompt: { box: [0, 0, 3, 3] },
};
const message = { type: "observation", payload: observation, seq: 3, timestamp: 0.5 };
const packed = [
  encodeMsgpack(observation, "bytes"),
  encodeMsgpack(message, "text"),
  encodeMsgpack({ ...observation, visual_prompt: { points: [[1, 2]] } }, "bytes"),
];
const texts = [
  writeJsonNumpy(observation),
  writeJsonNumpy({ image: observation["observation/image"], state: [1, 2], instruction: "x" }),
];
const outcomes = new Map<string, number>();
/** Resident memory at each tenth: it has to stay flat. */
const memoryMiB: number[] = [];

for (let i = 0; i < count; i++) {
  const isJson = i % 4 === 3;
  const source = isJson
    ? new TextEncoder().encode(texts[random.integer(texts.length)])
    : packed[random.integer(packed.length)]!.slice();
  const nChanges = random.integer(6);
  for (let k = 0; k < nChanges; k++) source[random.integer(source.length)] = random.integer(256);
  const bytes = random.integer(3) === 0 ? source.subarray(0, random.integer(source.length + 1)) : source;
  let outcome = "read";
  try {
    const value = isJson ? parseJsonNumpy(new TextDecoder().decode(bytes)) : decodeMsgpack(bytes);
    readObservation(value, 2, options);
  } catch (error) {
    if (!(error instanceof PixelVlaError)) {
      console.error(`input ${i} (${Buffer.from(bytes).toString("hex")}):`, error);
      process.exit(1);
    }
    outcome = error.code;
  }
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if ((i + 1) % Math.ceil(count / 10) === 0) memoryMiB.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
}
console.log(
  JSON.stringify({
    inputs: count,
    outcomes: Object.fromEntries(outcomes),
    memoryMiB,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
