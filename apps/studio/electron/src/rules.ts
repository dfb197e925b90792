import type { Session, WebContents } from "electron";
import { APP_ORIGIN } from "./settings.ts";

/** Whether `url` is a view of the studio. */
export const isOwnPage = (url: string): boolean => url === APP_ORIGIN || url.startsWith(`${APP_ORIGIN}/`);

/** Refuses every permission, device and screen capture, asked for or checked (Electron's security checklist, item 5). */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}

/** Lets a page's requests go to the studio's own protocol and to the websocket of its host, nowhere else (item 1: no remote content). */
export function denyRemote(session: Session, hostOrigin: string): void {
  const { host } = new URL(hostOrigin);
  session.webRequest.onBeforeRequest((details, answer) => {
    const { protocol, host: target } = new URL(details.url);
    const isOwn =
      isOwnPage(details.url) ||
      ["blob:", "data:", "devtools:"].includes(protocol) ||
      (protocol === "ws:" && target === host);
    const isForwarded = details.webContents === undefined && protocol === "http:" && target === host; // by the custom protocol itself
    answer({ cancel: !(isOwn || isForwarded) });
  });
}

/** Refuses to leave the studio: navigation, redirects, new windows and web views (items 13 and 14). */
export function denyLeaving(contents: WebContents): void {
  const stay = (event: { preventDefault(): void }, url: string) => {
    if (!isOwnPage(url)) event.preventDefault();
  };
  contents.on("will-navigate", (event) => stay(event, event.url));
  contents.on("will-frame-navigate", (event) => stay(event, event.url));
  contents.on("will-redirect", (event) => stay(event, event.url));
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}
