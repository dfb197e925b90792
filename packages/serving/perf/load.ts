import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

/** What one measured burst of requests took. */
export interface Burst {
  readonly timesMs: readonly number[];
  readonly wallMs: number;
}

/** `clients` keep-alive connections that each post `body` to `/act` `each` times in a row; throws when an answer is no action. */
export async function burst(agent: Agent, port: number, bodies: readonly string[], each: number): Promise<Burst> {
  const timesMs: number[] = [];
  const begunMs = performance.now();
  await Promise.all(
    bodies.map(async (body) => {
      for (let i = 0; i < each; i++) {
        const start = performance.now();
        const reply = await post(agent, port, body);
        timesMs.push(performance.now() - start);
        if (!reply.startsWith('{"__numpy__"')) throw new Error(`no action: ${reply.slice(0, 200)}`);
      }
    }),
  );
  return { timesMs, wallMs: performance.now() - begunMs };
}

/** One request; gives the reply's text. */
export function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ agent, port, host: "127.0.0.1", path: "/act", method: "POST", headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve(Buffer.concat(parts).toString()));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Latencies and throughput over all bursts. */
export class LoadFacts {
  readonly #times: number[] = [];
  #wallMs = 0;

  add({ timesMs, wallMs }: Burst): void {
    this.#times.push(...timesMs);
    this.#wallMs += wallMs;
  }

  facts() {
    const sorted = [...this.#times].sort((a, b) => a - b);
    const at = (q: number) =>
      Number((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN).toFixed(2));
    return {
      requests: sorted.length,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      requestsPerS: Number(((1000 * sorted.length) / this.#wallMs).toFixed(1)),
    };
  }
}
