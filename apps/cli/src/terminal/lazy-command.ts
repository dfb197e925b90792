import type { CommandDef, CommandMeta } from "citty";

/** A command as the registry keeps it: what a list shows, and how to get the rest. */
export interface LazyCommand {
  readonly meta: CommandMeta;
  readonly load: () => Promise<unknown>;
}

/**
 * Makes a command whose module is only loaded when it is run or its own help is shown. `load` gives the command of the
 * verb's module, e.g. `() => import("./commands/train.ts").then((m) => m.trainCommand)`.
 */
export function lazyCommand({ meta, load }: LazyCommand): CommandDef {
  const loaded = () => load() as Promise<CommandDef>;
  return {
    meta,
    args: async () => {
      const { args } = await loaded();
      return (typeof args === "function" ? await args() : await args) ?? {};
    },
    run: async (context) => {
      await (await loaded()).run?.(context);
    },
  };
}
