import { randomUUID } from "node:crypto";
import { pixelVlaError } from "@pixelvla/core";
import { z } from "zod";
import { float64Array, uint8Array } from "../codec/nd-array.ts";
import { OpenpiClient } from "./openpi-client.ts";
import { askAct } from "./act-client.ts";
import { PromptSender, type RemotePrompt } from "./prompt-sender.ts";

const optionsSchema = z.strictObject({
  server: z.url().describe("ws://HOST:PORT of an openpi server, or http://HOST:PORT/act of an OpenVLA one"),
  token: z.string().optional().describe("Sent as Authorization: Api-Key TOKEN"),
  timeoutMs: z.int().positive().default(120_000).describe("Until an answer counts as missing"),
  sendState: z.boolean().default(true).describe("Send the proprioception"),
  sendPrompts: z.boolean().default(true).describe("Send the benchmark's prompt as visual_prompt, where it gives one"),
});

/** What the benchmark shows a policy; the part of its `Observation` that is sent. */
interface RemoteObservation {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly image: Uint8Array;
  readonly state: Float32Array;
  readonly instruction: string;
  readonly objectMask?: Uint8Array;
  readonly prompt?: RemotePrompt;
}

const ACTION_WIDTH = 7;

/**
 * A policy behind a server as the benchmark plays it: `pixelvla bench run --server URL`. openpi's websocket, or OpenVLA's REST call
 * where the URL is http. Actions are taken as the tabletop's own: metres, radians, gripper openness. `reset`, `visual_prompt` and
 * `session` are fields of our server's; others do not read them.
 * @throws PVLA_CONFIG, PVLA_REMOTE_POLICY
 */
export async function createPolicy(options: unknown) {
  const { server, token, timeoutMs, sendState, sendPrompts } = optionsSchema.parse(options);
  const isRest = /^https?:/.test(server);
  const client = isRest ? undefined : await OpenpiClient.connect(server, { token, timeoutMs });
  const session = randomUUID(); // REST has no connections: parallel episodes must not share an episode
  const prompts = new PromptSender();
  let isFirst = true;
  return {
    name: `remote ${server}`,
    reset() {
      isFirst = true;
      prompts.forget();
    },
    async act(observation: RemoteObservation) {
      const { widthPx, heightPx, image, state, instruction } = observation;
      const picture = uint8Array(image, [heightPx, widthPx, 3]);
      const prompt = sendPrompts ? prompts.next(observation) : undefined;
      const extra = { ...(isFirst ? { reset: true } : {}), ...(prompt === undefined ? {} : { visual_prompt: prompt }) };
      isFirst = false;
      if (client === undefined) {
        const numbers = sendState ? { state: float64Array(state, [state.length]) } : {};
        const request = { image: picture, instruction, ...numbers, session, ...extra };
        const action = await askAct(server, request, { token, timeoutMs });
        return chunk(server, action, [1, action.length]);
      }
      const { actions, shape } = await client.infer({
        "observation/image": picture,
        ...(sendState ? { "observation/state": state } : {}),
        prompt: instruction,
        ...extra,
      });
      return chunk(server, actions, shape);
    },
    close: () => client?.close(),
  };
}

function chunk(server: string, actions: Float32Array, shape: readonly number[]) {
  const chunkSize = shape.length === 1 ? 1 : shape[0];
  const width = shape.at(-1);
  if (chunkSize === undefined || width !== ACTION_WIDTH || chunkSize * width !== actions.length)
    throw pixelVlaError("PVLA_REMOTE_POLICY", {
      doing: `Asking ${server}`,
      found: `actions of shape [${shape.join(", ")}]`,
      needed: `[n, ${ACTION_WIDTH}]`,
      fix: "The tabletop takes 7-dimensional end-effector actions",
    });
  return { chunkSize, actions };
}
