import type { WebPreferences } from "electron";

/** Origin of the page in the desktop window. */
export const APP_SCHEME = "pixelvla";
export const APP_ORIGIN = `${APP_SCHEME}://app`;

/** Privileges of the custom protocol: a secure, standard origin whose pictures and videos may be fetched and streamed. It bypasses no policy. */
export const SCHEME_PRIVILEGES = { standard: true, secure: true, supportFetchAPI: true, stream: true } as const;

/** How the page runs: in Chromium's sandbox, apart from the preload, without Node in any frame or worker. Stated in full, whatever the defaults. */
export const webPreferences = (preload: string): WebPreferences => ({
  preload,
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
});
