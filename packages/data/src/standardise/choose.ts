import { unknownName } from "../errors.ts";
import { bridge } from "./bridge.ts";
import { fractal } from "./fractal.ts";
import { generic } from "./generic.ts";
import { libero } from "./libero.ts";
import type { Standardiser } from "./recorded.ts";

/** Every standardisation there is; `generic` last, it fits anything. */
export const standardisers: readonly Standardiser[] = [bridge, fractal, libero, generic];

/**
 * The standardisation of a dataset: the one asked for, else by the dataset's name and columns.
 *
 * @throws PVLA_DATA_STANDARDISATION for an unknown name
 */
export function chooseStandardiser(facts: {
  dataset: string;
  asked: string | undefined;
  hasNumeric: (key: string) => boolean;
}): Standardiser {
  const { dataset, asked, hasNumeric } = facts;
  if (asked !== undefined) {
    const found = standardisers.find(({ name }) => name === asked);
    if (found) return found;
    const available = standardisers.map(({ name }) => name);
    throw unknownName("PVLA_DATA_STANDARDISATION", { dataset, kind: "standardisation", name: asked, available });
  }
  const family = /bridge/i.test(dataset)
    ? bridge
    : /fractal/i.test(dataset)
      ? fractal
      : /liber.?o/i.test(dataset)
        ? libero
        : generic;
  return family.fits(hasNumeric) ? family : generic;
}
