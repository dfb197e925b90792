import type { PolicyPlugin } from "@pixelvla/core";
import { continuous } from "./continuous.ts";

/** Every action decoder of this package, for `createRegistry`. */
export const builtinDecoders: readonly PolicyPlugin[] = [continuous];

export { continuous };
