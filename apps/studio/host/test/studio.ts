import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StudioRouter } from "@pixelvla/studio-contract";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { startStudioHost, type StudioHost, type StudioHostOptions } from "../src/index.ts";

/** Real BridgeData V2 episodes beside the checkout; undefined where they are not. */
const shared = fileURLToPath(new URL("../../../../../shared/data/octo-bridge-debug", import.meta.url));
export const bridgeDebug = existsSync(shared) ? shared : undefined;

/** An empty workspace that is removed after the test. */
export function makeWorkspace(): string {
  const root = mkdtempSync(join(tmpdir(), "pixelvla-studio-"));
  for (const folder of ["runs", "datasets", "recipes"]) mkdirSync(join(root, folder));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A workspace whose `datasets/bridge` is a link to the real episodes. */
export function bridgeWorkspace(): string {
  const root = makeWorkspace();
  if (bridgeDebug !== undefined) symlinkSync(bridgeDebug, join(root, "datasets", "bridge"));
  return root;
}

/** A host that is closed after the test. Unexpected failures fail the test. */
export async function startHost(workspace: string, options: Partial<StudioHostOptions> = {}): Promise<StudioHost> {
  const failures: unknown[] = [];
  const host = await startStudioHost({ workspace, report: (error) => failures.push(error), ...options });
  onTestFinished(async () => {
    await host.close();
    if (failures.length > 0) throw new AggregateError(failures, "the host reported failures");
  });
  return host;
}

/** A client over a websocket, as the renderer has it. */
export function connect(host: StudioHost, url = host.rpcUrl) {
  const socket = createWSClient({ url, WebSocket: WebSocket as never, retryDelayMs: () => 50 });
  onTestFinished(() => void socket.close());
  return createTRPCClient<StudioRouter>({ links: [wsLink({ client: socket })] });
}

/** A request with the token in its header. */
export function get(host: StudioHost, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(host.origin + path, { headers: { Authorization: `Bearer ${host.token}`, ...headers } });
}
