import { z } from "zod";
import { t } from "../trpc.ts";

/** Playground, page of the running server: the prompt for the first frame that arrives at `pixelvla serve`. */

/** A policy server, as `pixelvla serve` starts it. */
export const servedSchema = z.strictObject({
  address: z
    .string()
    .max(300)
    .regex(/^(https?|wss?):\/\/[^\s/?#]+\/?$/, "http://HOST:PORT or ws://HOST:PORT"),
  token: z.string().max(500).default("").describe("What the server was started with as --token"),
});
export type ServedAddress = z.output<typeof servedSchema>;

const pictureIdSchema = z.string().regex(/^[0-9a-f]{64}$/);
export const servedFrameSchema = z.strictObject({ pictureId: pictureIdSchema });

export const sendPromptSchema = z.strictObject({
  server: servedSchema,
  pictureId: pictureIdSchema,
  maskPng: z.base64().max(700_000).describe("The object, an 8-bit PNG of the frame's size, above 127 on it"),
});
export type SendPrompt = z.output<typeof sendPromptSchema>;

/** The first frame of the newest episode that reached the server. */
export interface ServedFrame {
  /** Counts the server's episodes. */
  readonly episode: number;
  readonly session: string;
  readonly instruction: string;
  /** A picture of the Playground: masks are asked for with it. */
  readonly pictureId: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** How a server stands. */
export interface ServedState {
  readonly policy: string;
  /** Whether the policy has a pixel or prompt encoder: without one no prompt reaches it. */
  readonly takesPrompts: boolean;
  /** A prompt is there for the next episode. */
  readonly isSet: boolean;
  /** An episode's first frame is held until a prompt comes. */
  readonly isAwaited: boolean;
  readonly frame: ServedFrame | undefined;
}

/** What the host must provide for the page. */
export interface ServedService {
  state(server: ServedAddress): Promise<ServedState>;
  /** The frame as PNG or JPEG, base64. */
  picture(pictureId: string): Promise<string>;
  send(request: SendPrompt): Promise<void>;
  clear(server: ServedAddress): Promise<void>;
}

/** Procedures of the page. */
export function servedRouter(served: ServedService) {
  const procedure = t.procedure;
  return t.router({
    state: procedure.input(servedSchema).query(({ input }) => served.state(input)),
    picture: procedure.input(servedFrameSchema).query(({ input }) => served.picture(input.pictureId)),
    send: procedure.input(sendPromptSchema).mutation(({ input }) => served.send(input)),
    clear: procedure.input(servedSchema).mutation(({ input }) => served.clear(input)),
  });
}
