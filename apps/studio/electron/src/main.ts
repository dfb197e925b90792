// Electron's main process: starts the host, opens one sandboxed window on it, and refuses everything else.
import { app, BrowserWindow, ipcMain, net, protocol, session } from "electron";
import { fileURLToPath } from "node:url";
import { startHostProcess, type HostProcess } from "./host-process.ts";
import { denyLeaving, denyPermissions, denyRemote, isOwnPage } from "./rules.ts";
import { APP_ORIGIN, APP_SCHEME, SCHEME_PRIVILEGES, webPreferences } from "./settings.ts";
import { readTask } from "./task.ts";

const PRELOAD = fileURLToPath(new URL("./preload.cjs", import.meta.url));

app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: SCHEME_PRIVILEGES }]);
app.on("web-contents-created", (_event, contents) => denyLeaving(contents));

/** Answers the page's own addresses from the host; the token never reaches the page this way. */
function forwardTo({ origin, token }: HostProcess): void {
  protocol.handle(APP_SCHEME, ({ url, method, headers }) => {
    const { host, pathname, search } = new URL(url);
    if (host !== "app" || method !== "GET") return new Response("There is no such page.", { status: 404 });
    const kept = ["range", "if-range", "if-none-match", "accept"].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    });
    return net.fetch(`${origin}${pathname}${search}`, {
      headers: [...kept, ["Authorization", `Bearer ${token}`]],
      bypassCustomProtocolHandlers: true,
    });
  });
}

function openWindow(): void {
  const size = { width: 1440, height: 900, minWidth: 960, minHeight: 600 };
  const look = { backgroundColor: "#0f1115", autoHideMenuBar: true, show: false };
  const window = new BrowserWindow({ ...size, ...look, webPreferences: webPreferences(PRELOAD) });
  window.once("ready-to-show", () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
}

async function start(): Promise<void> {
  await app.whenReady();
  const host = await startHostProcess(readTask(process.env, process.resourcesPath));
  denyPermissions(session.defaultSession);
  denyRemote(session.defaultSession, host.origin);
  forwardTo(host);
  ipcMain.handle("studio:rpc-url", (event) => {
    if (!isOwnPage(event.senderFrame?.url ?? "")) throw new Error("Only the studio's own page may ask.");
    return host.rpcUrl;
  });
  host.onEnd(() => app.quit());
  app.on("will-quit", () => host.stop());
  app.on("second-instance", () => BrowserWindow.getAllWindows()[0]?.focus());
  app.on("window-all-closed", () => app.quit());
  openWindow();
}

if (app.requestSingleInstanceLock()) {
  start().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    app.exit(1);
  });
} else app.quit();
