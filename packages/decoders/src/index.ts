import type { PolicyPlugin } from "@pixelvla/core";
import { actionTokens } from "./action-tokens.ts";
import { continuous } from "./continuous.ts";
import { flowMatching } from "./flow-matching.ts";

/** Every action decoder of this package, for `createRegistry`. */
export const builtinDecoders: readonly PolicyPlugin[] = [continuous, actionTokens, flowMatching];

export { actionTokens, continuous, flowMatching };
export { decodeIds, encodeActions } from "./action-tokens.ts";
