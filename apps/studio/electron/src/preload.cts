// The only bridge between the page and the desktop: one function. CommonJS, because a sandboxed preload cannot be a module.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
const { contextBridge, ipcRenderer } = require("electron") as typeof import("electron");

contextBridge.exposeInMainWorld("studio", {
  rpcUrl: (): Promise<string> => ipcRenderer.invoke("studio:rpc-url") as Promise<string>,
});
