import { parseJsonNumpy, writeJsonNumpy } from "../codec/json-numpy.ts";
import { isNdArray, toNumbers } from "../codec/nd-array.ts";
import { failed, type RemoteOptions } from "./openpi-client.ts";

/** Asks an OpenVLA server's `/act` for one action `[A]`. @throws PVLA_REMOTE_POLICY */
export async function askAct(
  url: string,
  request: Readonly<Record<string, unknown>>,
  { token, timeoutMs }: RemoteOptions,
): Promise<Float32Array> {
  let body: string;
  let reason: string | null;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Api-Key ${token}` }),
      },
      body: writeJsonNumpy(request),
      signal: AbortSignal.timeout(timeoutMs),
    });
    reason = response.headers.get("x-pixelvla-error");
    body = await response.text();
    if (!response.ok) reason ??= `status ${response.status}`;
  } catch (error) {
    throw failed(url, error instanceof Error ? error.message : String(error), error);
  }
  const value = parseJsonNumpy(body);
  if (!isNdArray(value))
    throw failed(url, reason === null ? `the reply ${body.slice(0, 200)}` : decodeURIComponent(reason));
  return Float32Array.from(toNumbers(value));
}
