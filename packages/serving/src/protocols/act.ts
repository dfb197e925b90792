import { pixelVlaError } from "@pixelvla/core";
import { parseJsonNumpy, writeJsonNumpy } from "../codec/json-numpy.ts";
import { float64Array } from "../codec/nd-array.ts";
import { badMessage } from "../errors.ts";
import { failureText } from "../inference/sent-failure.ts";
import type { ClientSession } from "../server/client-session.ts";
import type { ServingContext } from "../server/context.ts";

/** A reply of `POST /act`. */
export interface ActReply {
  readonly status: number;
  readonly body: string;
  /** Code and sentence, for a header: the reference's clients only look for the body `"error"`. */
  readonly error?: string;
}

/** The body with which OpenVLA's server reports any failure, with status 200. */
const ERROR_BODY = JSON.stringify("error");

/**
 * `POST /act` of OpenVLA's and OpenVLA-OFT's servers. A request with `full_image` is OFT's and is answered with the list of the chunk's
 * actions; any other is OpenVLA's and gets the chunk's first action. A body `{"encoded": "…"}` holds the request as text and is answered by
 * text.
 *
 * @param sessionOf finds the session of a request, by its own `session` field or the client's address
 */
export async function act(
  body: string,
  context: ServingContext,
  sessionOf: (protocol: "openvla" | "oft", name: unknown) => ClientSession,
): Promise<ActReply> {
  let request: Record<string, unknown>;
  let isDouble = false;
  try {
    let parsed = parseJsonNumpy(body);
    if (isMap(parsed) && "encoded" in parsed) {
      const { encoded, ...rest } = parsed;
      if (typeof encoded !== "string" || Object.keys(rest).length > 0)
        throw badMessage("JSON", `"encoded" that is no text, or keys beside it`);
      isDouble = true;
      parsed = parseJsonNumpy(encoded);
    }
    if (!isMap(parsed)) throw badMessage("JSON", "no object");
    request = parsed;
  } catch (error) {
    // FastAPI answers what is no JSON object with 422, and what its handler refuses with "error".
    if (isDouble) return failed(error);
    return { status: 422, body: JSON.stringify({ detail: failureText(error) }), error: failureText(error) };
  }
  try {
    checkUnnormKey(request["unnorm_key"], context);
    const isOft = "full_image" in request;
    const session = sessionOf(isOft ? "oft" : "openvla", request["session"]);
    const { actionDim } = context.info;
    const { actions, nActions } = await session.answer(request, isOft ? undefined : 1);
    const rows = Array.from({ length: nActions }, (_, k) =>
      float64Array(actions.subarray(k * actionDim, (k + 1) * actionDim), [actionDim]),
    );
    const reply = writeJsonNumpy(isOft ? rows : rows[0]);
    return { status: 200, body: isDouble ? JSON.stringify(reply) : reply };
  } catch (error) {
    return failed(error);
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const failed = (error: unknown): ActReply => ({ status: 200, body: ERROR_BODY, error: failureText(error) });

/** A client that asks for another dataset's scale would silently get this one's. */
function checkUnnormKey(key: unknown, { info, serving }: ServingContext): void {
  const own = info.statistics?.dataset;
  if (key === undefined || key === null || own === undefined || key === own) return;
  if (typeof key === "string" && serving.unnormKeys.includes(key)) return;
  throw pixelVlaError(
    "PVLA_SERVE_OBSERVATION",
    {
      doing: "Reading the observation",
      found: `unnorm_key ${JSON.stringify(key).slice(0, 80)}`,
      needed: `"${own}", which the policy was trained on, or none`,
      fix: "List other names of that dataset in serving.unnormKeys",
    },
    { own },
  );
}
