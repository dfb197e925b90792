import { EventEmitter } from "node:events";
import type { Session, WebContents } from "electron";
import { expect, test } from "vitest";
import { denyLeaving, denyPermissions, denyRemote, isOwnPage } from "./rules.ts";
import { SCHEME_PRIVILEGES, webPreferences } from "./settings.ts";

const preferences = webPreferences("/app/preload.cjs");

test.each([
  ["the page runs in Chromium's sandbox", "sandbox", true],
  ["the preload's world is apart from the page's", "contextIsolation", true],
  ["the page has no Node", "nodeIntegration", false],
  ["its workers have no Node", "nodeIntegrationInWorker", false],
  ["its frames have no Node", "nodeIntegrationInSubFrames", false],
  ["the same-origin policy holds", "webSecurity", true],
  ["no insecure content is mixed in", "allowRunningInsecureContent", false],
  ["experimental features are off", "experimentalFeatures", false],
  ["web views are off", "webviewTag", false],
  ["a dropped file does not navigate", "navigateOnDragDrop", false],
] as const)("%s", (_title, name, value) => {
  expect(preferences[name]).toBe(value);
});

test("the preload is the studio's own, and nothing loosens the page by other means", () => {
  expect(preferences.preload).toBe("/app/preload.cjs");
  for (const name of [
    "enableBlinkFeatures",
    "additionalArguments",
    "allowDisplayingInsecureContent",
    "session",
    "partition",
  ])
    expect(preferences).not.toHaveProperty(name);
});

test("the custom protocol is a secure standard origin that bypasses no policy", () => {
  expect(SCHEME_PRIVILEGES).toMatchObject({ standard: true, secure: true });
  expect(SCHEME_PRIVILEGES).not.toHaveProperty("bypassCSP");
  expect(SCHEME_PRIVILEGES).not.toHaveProperty("corsEnabled");
  expect(SCHEME_PRIVILEGES).not.toHaveProperty("allowServiceWorkers");
});

test("every permission, device and screen capture is refused", () => {
  const handlers: Record<string, (...args: unknown[]) => unknown> = {};
  const record = (name: string) => (handler: (...args: unknown[]) => unknown) => void (handlers[name] = handler);
  denyPermissions({
    setPermissionRequestHandler: record("request"),
    setPermissionCheckHandler: record("check"),
    setDevicePermissionHandler: record("device"),
    setDisplayMediaRequestHandler: record("display"),
  } as unknown as Session);
  const answers: unknown[] = [];
  for (const permission of [
    "media",
    "geolocation",
    "notifications",
    "clipboard-read",
    "openExternal",
    "fileSystem",
    "serial",
    "hid",
    "usb",
  ]) {
    handlers["request"]!(null, permission, (isGranted: boolean) => answers.push(isGranted));
    answers.push(handlers["check"]!(null, permission));
  }
  answers.push(handlers["device"]!({ deviceType: "usb" }));
  expect(new Set(answers)).toEqual(new Set([false]));
  handlers["display"]!({}, (streams: object) => expect(streams).toEqual({}));
});

test("requests go to the studio's protocol and its host's websocket only; other ports and hosts are cancelled", () => {
  type Listener = (
    details: { url: string; webContents?: object },
    answer: (verdict: { cancel: boolean }) => void,
  ) => void;
  let listener: Listener | undefined;
  denyRemote(
    { webRequest: { onBeforeRequest: (given: Listener) => (listener = given) } } as unknown as Session,
    "http://127.0.0.1:4000",
  );
  const isCancelled = (url: string, isPage = true) => {
    let verdict = true;
    listener!({ url, ...(isPage ? { webContents: {} } : {}) }, ({ cancel }) => (verdict = cancel));
    return verdict;
  };
  for (const url of [
    "pixelvla://app/",
    "pixelvla://app/assets/a.js",
    "ws://127.0.0.1:4000/rpc?token=x",
    "blob:pixelvla://app/1",
    "data:image/png;base64,AA",
  ])
    expect(isCancelled(url), url).toBe(false);
  for (const url of [
    "https://example.com/",
    "http://127.0.0.1:4000/",
    "ws://127.0.0.1:4001/rpc",
    "wss://example.com",
    "file:///etc/passwd",
    "pixelvla://other/",
    "ftp://x/",
    "pixelvla://app.evil/",
  ])
    expect(isCancelled(url), url).toBe(true);
  expect(isCancelled("http://127.0.0.1:4000/media/x", false)).toBe(false);
  expect(isCancelled("https://example.com/", false)).toBe(true);
});

test("navigation, redirects, new windows and web views are refused; the studio's own views are not", () => {
  const contents = new EventEmitter() as EventEmitter & {
    setWindowOpenHandler(handler: (details: object) => { action: string }): void;
  };
  let openHandler: ((details: object) => { action: string }) | undefined;
  contents.setWindowOpenHandler = (handler) => (openHandler = handler);
  denyLeaving(contents as unknown as WebContents);
  const isPrevented = (event: string, url: string) => {
    let prevented = false;
    contents.emit(event, { url, preventDefault: () => (prevented = true) });
    return prevented;
  };
  for (const event of ["will-navigate", "will-frame-navigate", "will-redirect"]) {
    for (const url of [
      "https://example.com/",
      "http://127.0.0.1:4000/",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "pixelvla://app.evil/",
      "pixelvla://appx/",
    ])
      expect(isPrevented(event, url), `${event} ${url}`).toBe(true);
    expect(isPrevented(event, "pixelvla://app/datasets/a"), event).toBe(false);
  }
  expect(isPrevented("will-attach-webview", "pixelvla://app/")).toBe(true);
  for (const url of ["https://example.com/", "pixelvla://app/"])
    expect(openHandler!({ url })).toEqual({ action: "deny" });
  expect(isOwnPage("pixelvla://app")).toBe(true);
});
