import { pathToFileURL } from "node:url";

import { badPolicyModule, unknownName } from "../errors.ts";
import { expertPolicy, nullPolicy, randomPolicy } from "./builtin.ts";
import type { Policy } from "./policy.ts";

/** How to make a policy on any thread: a built-in name, or a module that exports `createPolicy(options)`. */
export interface PolicySpec {
  /** `"expert"`, `"null"`, `"random"`, or the path of a JavaScript module. */
  readonly policy: string;
  /** Passed to the module's `createPolicy`; plain data. */
  readonly options?: Readonly<Record<string, unknown>>;
}

const BUILTIN: Readonly<Record<string, () => Policy>> = {
  expert: expertPolicy,
  null: nullPolicy,
  random: randomPolicy,
};

/** The names that need no module. */
export const BUILTIN_POLICIES: readonly string[] = Object.keys(BUILTIN);

/** @throws PVLA_BENCH_UNKNOWN_NAME, PVLA_BENCH_POLICY_MODULE */
export async function loadPolicy({ policy, options }: PolicySpec): Promise<Policy> {
  const builtin = BUILTIN[policy];
  if (builtin) return builtin();
  if (!/\.[cm]?[jt]s$/.test(policy))
    throw unknownName("policy", policy, [...BUILTIN_POLICIES, "a path to a .js or .mjs file"]);
  let module: { createPolicy?: (options: Readonly<Record<string, unknown>>) => Policy | Promise<Policy> };
  try {
    module = (await import(pathToFileURL(policy).href)) as typeof module;
  } catch (error) {
    throw badPolicyModule(policy, error instanceof Error ? error.message : String(error), error);
  }
  if (typeof module.createPolicy !== "function") throw badPolicyModule(policy, "no function createPolicy");
  return module.createPolicy(options ?? {});
}
