import type { IncomingMessage, ServerResponse } from "node:http";

/** Headers of every answer. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

/** Answers with one sentence of plain text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `${text}\n`;
  response
    .writeHead(status, {
      ...headers,
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": "no-store",
    })
    .end(body);
}

/** Bytes with a tag that names them for good. */
export interface TaggedBytes {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** Answers with bytes that never change under their URL. */
export function sendImmutable(
  request: IncomingMessage,
  response: ServerResponse,
  etag: string,
  { mime, bytes }: TaggedBytes,
  isImmutable: boolean,
): void {
  const headers = {
    "Cache-Control": isImmutable ? "private, max-age=31536000, immutable" : "no-store",
    "Content-Type": mime,
    "Content-Length": bytes.byteLength,
    ETag: etag,
  };
  response.writeHead(200, headers);
  response.end(request.method === "HEAD" ? undefined : bytes);
}
