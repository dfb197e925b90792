import type { PolicyPlugin } from "@pixelvla/core";
import { grounding } from "./grounding.ts";
import { target } from "./target.ts";
import { waypoint } from "./waypoint.ts";

/** Every auxiliary loss that ships with this software, for `createRegistry`. */
export const builtinAuxiliaries: readonly PolicyPlugin[] = [target, grounding, waypoint];

export { grounding, target, waypoint };
