import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Protocol } from "../observation/embodiments.ts";

/** Bounds in seconds: from a tiny policy on a CPU to a 7B one. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What `GET /metrics` tells, in Prometheus' text form. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly requests: Counter<"protocol" | "outcome">;
  readonly totalSeconds: Histogram<"protocol">;
  readonly modelSeconds: Histogram;
  readonly waitSeconds: Histogram;
  readonly batchSize: Histogram;
  readonly connections: Gauge<"protocol">;
  readonly restarts: Counter;
  readonly refusedConnections: Counter<"reason">;

  constructor(gauges: { readonly waiting: () => number; readonly isReady: () => boolean }) {
    const registers = [this.registry];
    const make = (name: string, help: string) => ({ name: `pixelvla_serve_${name}`, help, registers });
    this.requests = new Counter({
      ...make("requests_total", "Requests by protocol and outcome: ok, or the error's code"),
      labelNames: ["protocol", "outcome"],
    });
    this.totalSeconds = new Histogram({
      ...make("request_seconds", "From the last byte of a request to its answer"),
      labelNames: ["protocol"],
      buckets: BUCKETS,
    });
    this.modelSeconds = new Histogram({ ...make("model_seconds", "Time in the policy of a batch"), buckets: BUCKETS });
    this.waitSeconds = new Histogram({ ...make("wait_seconds", "Time in the queue"), buckets: BUCKETS });
    this.batchSize = new Histogram({
      ...make("batch_size", "Requests answered together"),
      buckets: [1, 2, 4, 8, 16, 32],
    });
    this.connections = new Gauge({ ...make("connections", "Open websockets"), labelNames: ["protocol"] });
    this.restarts = new Counter(
      make("inference_restarts_total", "Inference processes that ended and were started again"),
    );
    this.refusedConnections = new Counter({
      ...make("refused_connections_total", "Connections refused: authorisation, limit, slow"),
      labelNames: ["reason"],
    });
    new Gauge({
      ...make("waiting", "Requests in the queue"),
      collect() {
        this.set(gauges.waiting());
      },
    });
    new Gauge({
      ...make("ready", "1 while the policy can be asked"),
      collect() {
        this.set(gauges.isReady() ? 1 : 0);
      },
    });
    new Gauge({
      ...make("memory_bytes", "Resident memory of the server process"),
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  answered(protocol: Protocol, outcome: string, totalMs: number): void {
    this.requests.inc({ protocol, outcome });
    this.totalSeconds.observe({ protocol }, totalMs / 1000);
  }
}
