import { createTRPCClient, createWSClient, wsLink, type TRPCClient } from "@trpc/client";
import { rpcPath } from "@pixelvla/studio-contract/urls";
import type { StudioBridge, StudioRouter } from "@pixelvla/studio-contract";
import { createStore } from "../store/store.ts";

/** Whether the host answers. `lost` while the socket is down after having been up, or could not be opened. */
export type Connection = "connecting" | "open" | "lost";

/** The connection's state, for the bar and for what must wait for it. */
export const connection = createStore<Connection>("connecting");

/** Runs of `onOpen`, so that a listener can tell a first connection from a later one. */
export const connectionCount = createStore(0);

/** What the desktop window's preload offers; absent in a browser. */
const bridge = (globalThis as { readonly studio?: StudioBridge }).studio;

const socketUrl = () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${rpcPath}`;

const socket = createWSClient({
  url: () => bridge?.rpcUrl() ?? socketUrl(),
  retryDelayMs: (attempt) => Math.min(4000, 250 * 2 ** attempt),
  keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 5000 },
  onOpen() {
    connection.set("open");
    connectionCount.set(connectionCount.get() + 1);
  },
  onClose: () => connection.set("lost"),
  onError: () => connection.set("lost"),
});

/** The host's procedures, typed by its router. Calls made while it is away wait and run when it is back. */
export const host: TRPCClient<StudioRouter> = createTRPCClient<StudioRouter>({ links: [wsLink({ client: socket })] });
