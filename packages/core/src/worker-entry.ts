/** How to start a worker thread or a child process on a module of this workspace. */
export interface WorkerEntry {
  /** `new Worker(entry.thread.url, { ...entry.thread.options, workerData })` */
  readonly thread: { readonly url: URL; readonly options: { execArgv: string[]; argv: string[] } };
  /** `fork(fileURLToPath(entry.process.url), args, entry.process.options)` */
  readonly process: { readonly url: URL; readonly options: { execArgv: string[] } };
}

const SOURCE_CONDITION = "--conditions=@pixelvla/source";

/**
 * Locates a worker module beside its caller. Built code runs `NAME.js`; code run from source (tests, `tsx`) runs
 * `NAME.ts` through tsx with the workspace's source condition. Node 20 ignores `--import tsx` for a thread's own entry
 * file, hence the small JavaScript bootstrap for threads (it receives the module as its only argument).
 *
 * @param callerUrl `import.meta.url` of the caller
 * @param name path of the worker module relative to the caller, without extension, e.g. `"./decode-worker"`
 */
export function workerEntry(callerUrl: string, name: string): WorkerEntry {
  if (!new URL(callerUrl).pathname.endsWith(".ts")) {
    const url = new URL(`${name}.js`, callerUrl);
    return { thread: { url, options: { execArgv: [], argv: [] } }, process: { url, options: { execArgv: [] } } };
  }
  const url = new URL(`${name}.ts`, callerUrl);
  const bootstrap = new URL("./source-worker.mjs", import.meta.url);
  const hooks = new URL("./source-process.mjs", import.meta.url);
  return {
    thread: { url: bootstrap, options: { execArgv: [SOURCE_CONDITION], argv: [url.href] } },
    process: { url, options: { execArgv: ["--import", hooks.href, SOURCE_CONDITION] } },
  };
}
