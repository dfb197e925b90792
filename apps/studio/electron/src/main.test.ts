import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, test, vi } from "vitest";

const electron = vi.hoisted(() => ({
  calls: [] as { name: string; args: unknown[] }[],
  handlers: new Map<string, (...args: never[]) => unknown>(),
}));
const called = (name: string) => electron.calls.filter((call) => call.name === name).map(({ args }) => args);

vi.mock("electron", () => {
  const record =
    (name: string, result?: unknown) =>
    (...args: unknown[]) => {
      electron.calls.push({ name, args });
      return result;
    };
  const on = (scope: string) => (event: string, handler: (...args: never[]) => unknown) =>
    void electron.handlers.set(`${scope}:${event}`, handler);
  class BrowserWindow {
    static getAllWindows = () => [];
    constructor(options: unknown) {
      record("BrowserWindow")(options);
    }
    once() {}
    loadURL = (url: string) => Promise.resolve(record("loadURL")(url));
  }
  return {
    app: {
      enableSandbox: record("enableSandbox"),
      requestSingleInstanceLock: record("requestSingleInstanceLock", true),
      whenReady: () => Promise.resolve(),
      quit: record("quit"),
      exit: record("exit"),
      on: on("app"),
    },
    BrowserWindow,
    ipcMain: { handle: on("ipc") },
    net: { fetch: record("fetch", Promise.resolve(new Response("page"))) },
    protocol: { registerSchemesAsPrivileged: record("schemes"), handle: on("protocol") },
    session: {
      defaultSession: {
        setPermissionRequestHandler: record("permissions"),
        setPermissionCheckHandler: record("checks"),
        setDevicePermissionHandler: record("devices"),
        setDisplayMediaRequestHandler: record("display"),
        webRequest: { onBeforeRequest: record("requests") },
      },
    },
  };
});

const host = {
  origin: "http://127.0.0.1:4000",
  rpcUrl: "ws://127.0.0.1:4000/rpc?token=t",
  token: "t",
  onEnd: () => undefined,
  stop: vi.fn(),
};
vi.mock("./host-process.ts", () => ({ startHostProcess: () => Promise.resolve(host) }));
vi.stubEnv("PIXELVLA_STUDIO", JSON.stringify({ workspace: "/w", datasets: [], pixelvla: ["node"] }));

beforeEach(async () => {
  await import("./main.ts");
  await vi.waitFor(() => expect(called("loadURL")).toHaveLength(1), 60_000);
});

test("the sandbox is on for every process before anything else, and one window opens on the studio's own page", () => {
  expect(electron.calls[0]!.name).toBe("enableSandbox");
  expect(called("loadURL")).toEqual([["pixelvla://app/"]]);
  const [[options]] = called("BrowserWindow") as [
    [{ webPreferences: { sandbox: boolean; contextIsolation: boolean; preload: string } }],
  ];
  expect(options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  expect(options.webPreferences.preload).toMatch(/preload\.cjs$/);
});

test("permissions and requests are bound before the window is made", () => {
  const order = electron.calls.map(({ name }) => name);
  for (const name of ["permissions", "checks", "devices", "display", "requests"]) {
    expect(order).toContain(name);
    expect(order.indexOf(name)).toBeLessThan(order.indexOf("BrowserWindow"));
  }
});

test("every new contents is bound by the navigation rules", () => {
  const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() });
  electron.handlers.get("app:web-contents-created")!({} as never, contents as never);
  expect(contents.setWindowOpenHandler).toHaveBeenCalledOnce();
  expect(contents.eventNames()).toEqual(
    expect.arrayContaining(["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"]),
  );
});

test("the protocol forwards GET of its own host with the token in a header, and nothing else", async () => {
  const handle = electron.handlers.get("protocol:pixelvla")! as (request: Request) => Promise<Response>;
  const ask = (url: string, method = "GET") =>
    handle({ url, method, headers: new Headers({ range: "bytes=0-1", cookie: "x", "x-other": "y" }) } as Request);
  await ask("pixelvla://app/media/d/r/0/0/c/image?x=1");
  const [url, { headers }] = called("fetch").at(-1) as [string, { headers: [string, string][] }];
  expect(url).toBe("http://127.0.0.1:4000/media/d/r/0/0/c/image?x=1");
  expect(headers).toEqual([
    ["range", "bytes=0-1"],
    ["Authorization", "Bearer t"],
  ]);
  const before = called("fetch").length;
  expect((await ask("pixelvla://other/")).status).toBe(404);
  expect((await ask("pixelvla://app/", "POST")).status).toBe(404);
  expect(called("fetch")).toHaveLength(before);
});

test("only the studio's own page may ask for the websocket's address, and it is the only question there is", () => {
  expect([...electron.handlers.keys()].filter((name) => name.startsWith("ipc:"))).toEqual(["ipc:studio:rpc-url"]);
  const ask = electron.handlers.get("ipc:studio:rpc-url")! as (event: object) => string;
  expect(ask({ senderFrame: { url: "pixelvla://app/runs" } })).toBe(host.rpcUrl);
  for (const senderFrame of [{ url: "https://example.com/" }, { url: "pixelvla://app.evil/" }, null])
    expect(() => ask({ senderFrame })).toThrow();
});

test("the preload gives the page one function and never Electron's own objects", () => {
  const text = readFileSync(fileURLToPath(new URL("./preload.cts", import.meta.url)), "utf8");
  expect(text.match(/exposeInMainWorld/g)).toHaveLength(1);
  expect(text.match(/ipcRenderer\.\w+/g)).toEqual(["ipcRenderer.invoke"]);
});

test("main and preload with all they bring are under 200 lines", () => {
  const files = ["main.ts", "preload.cts", "rules.ts", "settings.ts", "host-process.ts", "task.ts"];
  const nLines = files.map(
    (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8").split("\n").length - 1,
  );
  expect(nLines.reduce((a, b) => a + b)).toBeLessThan(200);
});
