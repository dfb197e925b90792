import type { BinaryMask } from "@pixelvla/data";
import type { SendPrompt, ServedAddress, ServedService, ServedState } from "@pixelvla/studio-contract";
import { z } from "zod";
import { serverRefuses, serverUnreachable } from "../errors.ts";
import { maskFromPng } from "./mask-png.ts";
import type { ShownPictures } from "./shown-pictures.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 32 << 20;
/** How often the newest frame is fetched anew because another episode began meanwhile. */
const ATTEMPTS = 3;

const infoSchema = z.object({ policy: z.object({ name: z.string() }) });
const promptSchema = z.object({
  takesPrompts: z.boolean(),
  isSet: z.boolean(),
  isAwaited: z.boolean(),
  firstFrame: z.object({ episode: z.number(), session: z.string(), instruction: z.string() }).nullable(),
});
type PromptState = z.output<typeof promptSchema>;

/** Prompts for the episodes of a running `pixelvla serve`, over its HTTP calls. Its first frames become pictures of the Playground. */
export function createServedService(pictures: ShownPictures): ServedService {
  /** Picture of the newest frame, by server and episode, so that it is fetched once. */
  const known = new Map<string, NonNullable<ServedState["frame"]>>();

  async function frameOf(server: ServedAddress, first: PromptState): Promise<[PromptState, ServedState["frame"]]> {
    let state = first;
    for (let attempt = 0; attempt < ATTEMPTS && state.firstFrame !== null; attempt++) {
      const { firstFrame } = state;
      const key = `${server.address} ${firstFrame.session} ${firstFrame.episode}`;
      const before = known.get(key);
      if (before !== undefined && pictures.has(before.pictureId)) return [state, before];
      const bytes = await ask(server, "GET", "/first-frame");
      state = read(promptSchema, server, await ask(server, "GET", "/prompt"));
      if (state.firstFrame?.episode !== firstFrame.episode) continue;
      const frame = { ...firstFrame, ...(await pictures.add(Buffer.from(bytes).toString("base64"))) };
      known.clear(); // of one server one frame is looked at
      known.set(key, frame);
      return [state, frame];
    }
    return [state, undefined];
  }

  async function stateOf(server: ServedAddress): Promise<ServedState> {
    const { policy } = read(infoSchema, server, await ask(server, "GET", "/info"));
    const first = read(promptSchema, server, await ask(server, "GET", "/prompt"));
    const [{ takesPrompts, isSet, isAwaited }, frame] = await frameOf(server, first);
    return { policy: policy.name, takesPrompts, isSet, isAwaited, frame };
  }

  return {
    state: async (server) => {
      try {
        return await stateOf(server);
      } catch (error) {
        known.clear(); // another server may answer next, which counts its episodes anew
        throw error;
      }
    },
    picture: (pictureId) => pictures.pngOf(pictureId),
    send: async ({ server, pictureId, maskPng }: SendPrompt) => {
      const { image } = await pictures.get({ kind: "dropped", pictureId });
      const mask = rowsOf(await maskFromPng(maskPng, image));
      await ask(server, "POST", "/prompt", JSON.stringify({ mask }));
    },
    clear: async (server) => {
      await ask(server, "DELETE", "/prompt");
    },
  };
}

/** `[H][W]`, as the server reads masks. */
function rowsOf({ data, widthPx, heightPx }: BinaryMask): number[][] {
  return Array.from({ length: heightPx }, (_, y) => [...data.subarray(y * widthPx, (y + 1) * widthPx)]);
}

const bytesText = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

function read<S extends z.ZodType>(schema: S, { address }: ServedAddress, bytes: Uint8Array): z.output<S> {
  try {
    return schema.parse(JSON.parse(bytesText(bytes)));
  } catch {
    throw serverRefuses(address, "it answers, but not as pixelvla serve does");
  }
}

/** @throws PVLA_STUDIO_SERVER where nobody answers, or with what the server says against it */
async function ask({ address, token }: ServedAddress, method: string, path: string, body?: string) {
  const url = new URL(path, address.replace(/^ws/, "http"));
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(url, {
      method,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
    });
    bytes = await limited(response);
  } catch (error) {
    throw serverUnreachable(address, error);
  }
  if (response.ok) return bytes;
  if (response.status === 401) throw serverRefuses(address, "it wants another token");
  const { error } = z
    .object({ error: z.string() })
    .catch({ error: `status ${response.status}` })
    .parse(asJson(bytes));
  throw serverRefuses(address, `it answers: ${error.slice(0, 300)}`);
}

async function limited(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error(`an answer of more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function asJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(bytesText(bytes));
  } catch {
    return undefined;
  }
}
