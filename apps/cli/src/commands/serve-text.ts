import type { PolicyInfo, ServingOptions } from "@pixelvla/serving";

/** What is told when the server is ready. */
export interface ServeReady {
  readonly host: string;
  readonly ports: readonly number[];
  readonly isTls: boolean;
  readonly hasToken: boolean;
  readonly info: PolicyInfo;
  readonly serving: ServingOptions;
}

/** Prints the state of a server: text or JSON lines. The log goes to stderr, what is ready to stdout. */
export function serveReport(json: boolean) {
  return {
    log(line: string): void {
      const time = new Date().toISOString();
      process.stderr.write(json ? `${JSON.stringify({ time, line })}\n` : `${time.slice(11, 19)}  ${line}\n`);
    },
    ready(state: ServeReady): void {
      if (json) process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, ...state })}\n`);
      else process.stdout.write(`${readyText(state)}\n`);
    },
  };
}

function readyText({ host, ports, isTls, hasToken, info, serving }: ServeReady): string {
  const [ws, http] = isTls ? ["wss", "https"] : ["ws", "http"];
  const first = ports[0]!;
  const lines = [
    `${info.name}: chunk ${info.chunkSize} x ${info.actionDim}, state ${info.stateDim}, ${
      info.image === undefined ? "any image" : `image ${info.image.width} x ${info.image.height} (${info.image.fit})`
    }, ${info.takesPrompts ? "takes visual prompts" : "no visual prompts"}, batches of ${info.maxBatch}`,
    `embodiment ${serving.embodiment}; ${hasToken ? "a token is needed" : "no token"}`,
    "",
    `  openpi      ${ws}://${host}:${first}`,
    `  vla-eval    ${ws}://${host}:${first}`,
    `  OpenVLA     POST ${http}://${host}:${first}/act`,
    `  OFT         POST ${http}://${host}:${ports.includes(8777) ? 8777 : first}/act`,
    `  also        GET /healthz, /info, /metrics, /prompt, /first-frame; POST /prompt, /episode`,
  ];
  if (info.statistics === undefined && info.nParameters > 0)
    lines.push(
      "",
      "No statistics: actions and states stay as the policy has them (normalised). Give --statistics FILE.",
    );
  if (info.nRandom > 0) lines.push("", randomWarning(info));
  return lines.join("\n");
}

/** Said loudly: such a policy moves a robot at random. */
function randomWarning({ nRandom, nParameters }: PolicyInfo): string {
  const share = nRandom === nParameters ? "ALL" : `${((100 * nRandom) / nParameters).toFixed(1)} %`;
  const text = `RANDOM WEIGHTS: ${share} of the ${nParameters.toLocaleString("en")} weights come from no checkpoint. Never connect this to a robot.`;
  const bar = "!".repeat(text.length + 6);
  return `${bar}\n!! ${text} !!\n${bar}`;
}
