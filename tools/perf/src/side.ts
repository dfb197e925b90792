import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ROOT } from "./discover.ts";
import type { Peer } from "./definition.ts";
import { environmentMissing, sideFailed } from "./errors.ts";
import { memoryMb } from "./memory.ts";

/** What the runner asks a side, one JSON line each. Both `child.ts` and `tools/peers/perf_peer.py` answer these. */
export type Request =
  | { op: "hello" } // answered once everything is imported
  | { op: "prepare"; params: Record<string, unknown> }
  | { op: "warmup"; count: number }
  | { op: "turn"; turnMs: number; discard: number }
  | { op: "facts" }
  | { op: "close" };

export type Reply = { ok: boolean; error?: string } & Record<string, unknown>;

const alive = new Set<Side>();

/** Ends the processes of all sides at once; for when the runner itself is told to stop. */
export function killSides(): void {
  for (const side of alive) side.kill();
}

/** One side of a benchmark in a process of its own. */
export class Side {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #replies: Interface;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #ended = false;

  constructor(name: string, command: string, args: string[], threads: number) {
    this.name = name;
    const count = String(threads);
    this.#child = spawn(command, args, {
      cwd: ROOT,
      stdio: ["pipe", 2, 2, "pipe"], // its own prints go to our standard error; replies on descriptor 3
      env: {
        ...process.env,
        OMP_NUM_THREADS: count,
        MKL_NUM_THREADS: count,
        OPENBLAS_NUM_THREADS: count,
        PYTHONUNBUFFERED: "1",
        TF_CPP_MIN_LOG_LEVEL: "3",
        HF_HUB_OFFLINE: "1",
      },
    });
    this.#replies = createInterface({ input: this.#child.stdio[3] as Readable });
    this.#replies.on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line) as Reply));
    alive.add(this);
    this.#child.on("error", (error) => this.#fail(error.message));
    this.#child.on("exit", (code, signal) => this.#fail(`its process ended with ${signal ?? `code ${code ?? "?"}`}`));
    this.#child.stdin?.on("error", () => undefined); // reported by "exit"
  }

  #fail(found: string): void {
    this.#ended = true;
    alive.delete(this);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(sideFailed(this.name, found));
  }

  /** @throws PVLA_PERF_SIDE when the side reports an error or its process ends */
  async ask(request: Request): Promise<Reply> {
    if (this.#ended) throw sideFailed(this.name, "its process has ended");
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin?.write(JSON.stringify(request) + "\n");
    });
    if (!reply.ok) throw sideFailed(this.name, reply.error ?? "an error without a message");
    return reply;
  }

  memory(): { peak: number; now: number } | null {
    return this.#child.pid === undefined || this.#ended ? null : memoryMb(this.#child.pid);
  }

  kill(): void {
    if (!this.#ended) this.#child.kill("SIGKILL");
  }
}

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** Starts our side, or a peer written in JavaScript, of the benchmark in `file`. */
export function startNode(name: string, file: string, sideName: string, threads: number): Side {
  const args = ["--conditions=@pixelvla/source", "--import", "tsx", CHILD, file, sideName];
  return new Side(name, process.execPath, args, threads);
}

/** Starts a peer. @throws PVLA_PERF_ENVIRONMENT when its Python environment is missing */
export function startPeer(peer: Peer, file: string, threads: number): Side {
  if (peer.python === undefined) return startNode(peer.name, file, peer.name, threads);
  const python = join(ROOT, "tools/peers", peer.venv, "bin/python");
  if (!existsSync(python)) throw environmentMissing(peer.name, `tools/peers/${peer.venv}`);
  return new Side(peer.name, python, ["-W", "ignore", join(ROOT, "tools/peers", peer.python)], threads);
}
