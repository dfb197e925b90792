import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { z } from "zod";
import { reasonerUnavailable } from "../errors.ts";
import { defineTargetReasoner } from "../target-reasoner.ts";
import { askUntilUsable } from "./ask.ts";
import { ANSWER_SCHEMA, EXAMPLES, SYSTEM_PROMPT } from "./question.ts";

const options = z.strictObject({
  baseUrl: z.url().default("http://127.0.0.1:11434/v1").describe("Endpoint up to /v1; the default is Ollama's"),
  model: z.string().min(1).describe("Model name as the server knows it"),
  apiKeyEnv: z.string().optional().describe("Environment variable that holds the key; local servers need none"),
  timeoutS: z.number().positive().default(60).describe("Seconds one request may take"),
  retries: z.int().min(0).default(2).describe("Repeats after a failed connection or a busy server"),
  attempts: z.int().min(1).default(2).describe("Times a malformed answer is asked for again"),
  structured: z
    .enum(["json_schema", "json_object", "none"])
    .default("json_schema")
    .describe("How the server is told to answer in JSON"),
});

/** Deprecated by OpenAI itself, yet the one length limit that every local server knows. */
const LOCAL_LIMITS = { max_tokens: 64 };

/** Any server that speaks OpenAI's chat completions: Ollama, vLLM, llama.cpp, a hosted model. */
export const openaiReasoner = defineTargetReasoner({
  name: "openai-compatible",
  summary: "A language model behind an OpenAI-compatible endpoint (Ollama, vLLM, llama.cpp, hosted).",
  options,
  open(parsed) {
    const name = `${parsed.model} at ${parsed.baseUrl}`;
    const apiKey = parsed.apiKeyEnv === undefined ? "none" : process.env[parsed.apiKeyEnv];
    if (apiKey === undefined)
      throw reasonerUnavailable(name, `the variable ${parsed.apiKeyEnv!} is not set`, "Set it, or drop apiKeyEnv");
    const client = new OpenAI({
      baseURL: parsed.baseUrl,
      apiKey,
      timeout: parsed.timeoutS * 1000,
      maxRetries: parsed.retries,
      logLevel: "off",
    });
    const examples = EXAMPLES.flatMap(([question, answer]) => [
      { role: "user" as const, content: question },
      { role: "assistant" as const, content: answer },
    ]);
    const format =
      parsed.structured === "json_schema"
        ? { type: parsed.structured, json_schema: { name: "target", strict: true, schema: ANSWER_SCHEMA } }
        : parsed.structured === "json_object"
          ? { type: parsed.structured }
          : undefined;

    return Promise.resolve({
      model: parsed.model,
      modelVersion: parsed.baseUrl,
      reason: (instruction, { signal } = {}) =>
        askUntilUsable(instruction, parsed.attempts, async (attempt) => {
          try {
            const reply = await client.chat.completions.create(
              {
                model: parsed.model,
                messages: [
                  { role: "system", content: SYSTEM_PROMPT },
                  ...examples,
                  { role: "user", content: instruction },
                ],
                // A second try at temperature 0 would fail the same way.
                temperature: attempt === 0 ? 0 : 0.4,
                ...LOCAL_LIMITS,
                ...(format === undefined ? {} : { response_format: format }),
              },
              signal === undefined ? {} : { signal },
            );
            // A server may answer with anything: the client's types are only a promise.
            const message = (reply as Partial<typeof reply>).choices?.[0]?.message as
              { content?: unknown; refusal?: unknown } | undefined;
            if (typeof message?.refusal === "string") return `sorry: ${message.refusal}`;
            return typeof message?.content === "string" ? message.content : "";
          } catch (error) {
            throw unavailable(name, error, parsed.timeoutS);
          }
        }),
      dispose: () => Promise.resolve(),
    });
  },
});

function unavailable(name: string, error: unknown, timeoutS: number): unknown {
  if (error instanceof APIUserAbortError) return error;
  if (error instanceof APIConnectionTimeoutError)
    return reasonerUnavailable(
      name,
      `no answer within ${timeoutS} s`,
      "Raise timeoutS or choose a smaller model",
      error,
    );
  if (error instanceof APIConnectionError)
    return reasonerUnavailable(name, "no connection", "Start the server or correct baseUrl", error);
  if (error instanceof APIError)
    return reasonerUnavailable(
      name,
      `status ${String(error.status)}: ${error.message.slice(0, 200)}`,
      "Check the model's name and the key",
      error,
    );
  if (error instanceof SyntaxError)
    return reasonerUnavailable(
      name,
      "an answer that is no JSON",
      "Check that baseUrl is the API and not a page",
      error,
    );
  return error;
}
