import { createHash } from "node:crypto";
import { POLICY_INPUT, type HostArray } from "@pixelvla/core";

/** 32 hexadecimal digits of a picture's pixels. */
export function imageDigest(pixels: Uint8Array): string {
  return createHash("sha256").update(pixels).digest("hex").slice(0, 32);
}

/**
 * The key of each sample of a batch: the content of everything the prefix reads of it, so that equal samples of any dataset share a row.
 *
 * @param inputs elements of one sample by input name; the picture is given as its digest instead
 * @param feeds values of those inputs for the batch
 * @param images digest of each sample's fitted picture, see `imageDigest`
 */
export function sampleKeys(
  inputs: Readonly<Record<string, number>>,
  feeds: Readonly<Record<string, HostArray>>,
  images: readonly string[],
): string[] {
  const names = Object.keys(inputs)
    .filter((name) => name !== POLICY_INPUT.image)
    .sort();
  return images.map((image, i) => {
    const hash = createHash("sha256").update(POLICY_INPUT.image in inputs ? image : "");
    for (const name of names) {
      const count = inputs[name]!;
      const own = feeds[name]!.subarray(i * count, (i + 1) * count);
      hash.update(`\n${name} `).update(new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
    }
    return hash.digest("hex").slice(0, 32);
  });
}
