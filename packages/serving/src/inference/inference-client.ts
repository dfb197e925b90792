import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { inferenceBroken, inferenceEnded, serverDraining } from "../errors.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import type { FromInference, InferenceRequest, InferenceSetup, SentResult, ToInference } from "./messages.ts";
import { receiveFailure } from "./sent-failure.ts";

/** Pauses before a new start, doubling; a process that never gets ready is given up after as many. */
const RESTART_MS = [100, 500, 2000, 5000, 10_000];

export interface InferenceEvents {
  /** A policy is open: at the start, and after every restart. */
  readonly onReady: (info: PolicyInfo, warmUpMs: number) => void;
  readonly onEnded: (how: string) => void;
}

interface Waiting {
  resolve(results: readonly SentResult[]): void;
  reject(error: Error): void;
}

/** The inference process seen from the server. A process that dies rejects what it worked on and is started again. */
export class InferenceClient {
  readonly #setup: InferenceSetup;
  readonly #events: InferenceEvents;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #ready: Promise<PolicyInfo>;
  #isReady = false;
  #nextBatch = 0;
  #failures = 0;
  #isClosing = false;

  constructor(setup: InferenceSetup, events: InferenceEvents) {
    this.#setup = setup;
    this.#events = events;
    this.#ready = this.#start();
  }

  /** Settles when the policy can be asked. @throws what opening it threw, PVLA_SERVE_WORKER */
  ready(): Promise<PolicyInfo> {
    return this.#ready;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Process id of the inference process, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws PVLA_SERVE_WORKER when the process ends before it answers */
  async infer(requests: readonly InferenceRequest[]): Promise<readonly SentResult[]> {
    await this.#ready;
    const batchId = this.#nextBatch++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(batchId, { resolve, reject });
      this.#post({ type: "infer", batchId, requests });
    });
  }

  /** The session is over: what is remembered of it may go. */
  forget(session: string): void {
    if (this.#isReady) this.#post({ type: "forget", session });
  }

  /** Ends a process that does not answer any more; a new one is started. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    if (child.connected) this.#post({ type: "close" });
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(timer);
  }

  #post(message: ToInference): void {
    const child = this.#child;
    if (child?.connected === true) child.send(message, () => undefined); // a lost process is reported by "exit"
  }

  #start(): Promise<PolicyInfo> {
    const entry = workerEntry(import.meta.url, "./inference-process").process;
    const child = fork(fileURLToPath(entry.url), [], {
      execArgv: entry.options.execArgv,
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    const opened = new Promise<PolicyInfo>((resolve, reject) => {
      child.on("message", (message: FromInference) => {
        if (message.type === "results") {
          this.#waiting.get(message.batchId)?.resolve(message.results);
          this.#waiting.delete(message.batchId);
        } else if (message.type === "failed") {
          this.#isClosing = true; // the policy itself cannot be opened: trying again would not help
          child.kill("SIGKILL");
          reject(receiveFailure(message.error));
        } else {
          this.#failures = 0;
          this.#isReady = true;
          this.#events.onReady(message.info, message.warmUpMs);
          resolve(message.info);
        }
      });
      child.on("error", (error) => reject(inferenceBroken(error.message, error)));
      child.on("exit", (code, signal) => {
        const how = signal ?? `code ${code ?? "?"}`;
        const wasReady = this.#isReady;
        this.#isReady = false;
        for (const waiting of this.#waiting.values()) waiting.reject(inferenceEnded(how));
        this.#waiting.clear();
        if (this.#isClosing) {
          reject(serverDraining());
          return;
        }
        this.#events.onEnded(how);
        const again = this.#again(how);
        if (wasReady) this.#ready = again;
        else again.then(resolve, reject);
      });
    });
    opened.catch(() => undefined); // whoever waits for `ready()` sees it
    child.on("spawn", () => this.#post({ type: "open", setup: this.#setup }));
    return opened;
  }

  #again(how: string): Promise<PolicyInfo> {
    const pauseMs = RESTART_MS[this.#failures++];
    const again =
      pauseMs === undefined
        ? Promise.reject<PolicyInfo>(
            inferenceBroken(`it ended ${RESTART_MS.length + 1} times in a row, the last time with ${how}`),
          )
        : new Promise<void>((resolve) => setTimeout(resolve, pauseMs)).then(() => {
            if (this.#isClosing) throw serverDraining();
            return this.#start();
          });
    again.catch(() => undefined);
    return again;
  }
}
