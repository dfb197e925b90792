import { Random } from "../random.ts";
import type { Parameter } from "./parameter.ts";
import { sizeOf } from "./shape.ts";
import { pixelVlaError } from "../pixelvla-error.ts";

/**
 * First values of a parameter that no file provides. Seeded by (seed, name), so adding a part to a policy does not
 * change the others' values.
 * @throws PVLA_NOT_LOADED for a parameter bound to a file
 */
export function initialValues({ name, source, tensor }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(tensor.shape));
  switch (source.kind) {
    case "zeros":
      return values;
    case "ones":
      return values.fill(1);
    case "constant":
      return values.fill(source.value);
    case "values":
      values.set(source.values);
      return values;
    case "file":
      throw pixelVlaError("PVLA_NOT_LOADED", {
        doing: `Initialising parameter "${name}"`,
        found: `it is bound to ${source.file}`,
        fix: `Read it from the checkpoint instead`,
      });
    case "normal":
    case "truncated-normal":
    case "uniform":
      break;
  }
  const random = new Random(`${seed}:${name}`);
  for (let i = 0; i < values.length; i++) {
    if (source.kind === "uniform") values[i] = (2 * random.uniform() - 1) * source.bound;
    else if (source.kind === "normal") values[i] = random.normal() * source.std;
    else values[i] = truncatedNormal(random) * source.std;
  }
  return values;
}

/** Standard normal restricted to [-2, 2]. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}
