import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createStudioRouter } from "@pixelvla/studio-contract";
import { rpcPath } from "@pixelvla/studio-contract/urls";
import { createAnnotateRoom } from "./annotate/room.ts";
import { createComposeRoom } from "./compose/room.ts";
import { DatasetCatalog } from "./datasets/catalog.ts";
import { Pictures } from "./datasets/pictures.ts";
import { createDatasetService } from "./datasets/service.ts";
import { cannotListen } from "./errors.ts";
import { Guard } from "./net/guard.ts";
import { answer, tokenOf } from "./net/http.ts";
import { createRpcServer } from "./net/rpc.ts";
import { createBenchRoom } from "./bench/room.ts";
import { createPlaygroundRoom } from "./playground/service.ts";
import { createRunRoom } from "./runs/room.ts";
import { createSweepService } from "./sweeps/room.ts";
import { createSystemService } from "./system/service.ts";
import { Workspace } from "./workspace.ts";

/** How to start the studio's host. */
export interface StudioHostOptions {
  /** Folder with `runs/`, `datasets/` and `recipes/`. Nothing outside it is touched but the datasets named below. */
  readonly workspace: string;
  /** Datasets elsewhere that may be read. */
  readonly datasets?: readonly string[];
  /** Port on 127.0.0.1; 0 (default) for any free one. */
  readonly port?: number;
  /** Origins of pages besides the host's own: the desktop window, a development server. */
  readonly origins?: readonly string[];
  /** Folder of the built page. */
  readonly appDir?: string | undefined;
  /** Program and first arguments of the `pixelvla` command, for launching jobs. */
  readonly pixelvla?: readonly string[] | undefined;
  /** Folder of the recipes that ship with the software. */
  readonly recipesDir?: string | undefined;
  readonly version?: string;
  /** A token to use instead of a random one. */
  readonly token?: string;
  /** Hears of failures that no caller caused. Default: standard error. */
  readonly report?: (error: unknown) => void;
}

/** A host at work. */
export interface StudioHost {
  readonly port: number;
  readonly token: string;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The address to open: carries the token. */
  readonly url: string;
  /** The websocket's address for a page of another origin: carries the token. */
  readonly rpcUrl: string;
  /** Ends the host. Jobs it has launched go on. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 2000;

/**
 * Starts the host on 127.0.0.1.
 * @throws PVLA_STUDIO_WORKSPACE when a folder is missing, PVLA_STUDIO_PORT when the port cannot be had
 */
export async function startStudioHost(options: StudioHostOptions): Promise<StudioHost> {
  const report = options.report ?? ((error: unknown) => console.error(error));
  const workspace = new Workspace(options.workspace, options.datasets);
  const catalog = new DatasetCatalog(workspace);
  const means = { pixelvla: options.pixelvla, recipesDir: options.recipesDir };
  const runs = createRunRoom(workspace, catalog, means);
  const annotate = createAnnotateRoom({ workspace, datasets: catalog, runs: runs.catalog, means });
  const playground = createPlaygroundRoom(workspace, catalog, runs.catalog);
  const bench = createBenchRoom(workspace, catalog, runs.catalog, means);
  const router = createStudioRouter({
    datasets: createDatasetService(catalog),
    runs: runs.service,
    annotate: annotate.service,
    compose: createComposeRoom(workspace, options.recipesDir, runs.recipes),
    playground: playground.service,
    served: playground.served,
    bench: bench.service,
    sweeps: createSweepService({ workspace, datasets: catalog, runs: runs.catalog, recipes: runs.recipes, means }),
    system: createSystemService(workspace.root, options.version ?? "0.1.0"),
  });
  const rpc = createRpcServer(router, report);

  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 });
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, options.port ?? 0);
  const guard = new Guard(port, options.origins, options.token);
  const parts = {
    guard,
    media: { catalog, pictures: new Pictures(), workspace },
    runs,
    appDir: options.appDir,
    report,
  };

  server.on("request", (request, response) => void answer(request, response, parts));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const rawUrl = request.url ?? "";
    const refusal = rawUrl.split("?", 1)[0] === rpcPath ? guard.check(request, tokenOf(rawUrl)) : { status: 404 };
    const status = refusal?.status ?? (rpc.accept(request, socket, head) ? undefined : 503);
    if (status !== undefined)
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });

  const origin = `http://127.0.0.1:${port}`;
  return {
    port,
    token: guard.token,
    origin,
    url: `${origin}/?token=${guard.token}`,
    rpcUrl: `ws://127.0.0.1:${port}${rpcPath}?token=${guard.token}`,
    close: async () => {
      await rpc.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await Promise.all([annotate.close(), playground.close(), bench.close(), catalog.close(), runs.close()]);
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(port, error)));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}
