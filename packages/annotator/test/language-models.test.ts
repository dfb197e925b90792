import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openReasoner, type TargetReasoner } from "../src/index.ts";
import { ggufFromLlama2c } from "./support/gguf.ts";

type Reply = (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A chat-completions server on a free port that answers as told. */
async function serve(reply: Reply): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => void reply(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const completion = (content: unknown, refusal?: string) =>
  JSON.stringify({
    id: "1",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content, refusal } }],
  });
const says =
  (...answers: unknown[]): Reply =>
  (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(completion(answers.length > 1 ? answers.shift() : answers[0]));
  };
const open = (baseUrl: string, options: object = {}): Promise<TargetReasoner> =>
  openReasoner({
    name: "openai-compatible",
    options: { baseUrl, model: "test", retries: 0, timeoutS: 20, ...options },
  });

describe("a model behind an endpoint", () => {
  test("is asked with the instruction and its answer is taken", async () => {
    let asked = "";
    const url = await serve((_request, response, body) => {
      asked = body;
      response.setHeader("content-type", "application/json");
      response.end(completion('{"object": "the orange can"}'));
    });
    const reasoner = await open(url);
    expect(await reasoner.reason("pick orange can from bottom drawer")).toMatchObject({ target: "orange can" });
    expect(JSON.parse(asked)).toMatchObject({
      model: "test",
      temperature: 0,
      response_format: { type: "json_schema" },
    });
    expect(asked).toContain("pick orange can from bottom drawer");
  });

  test("is asked once for an instruction that comes again", async () => {
    let asked = 0;
    const url = await serve((request, response, body) => {
      asked++;
      return says('{"object": "apple"}')(request, response, body);
    });
    const reasoner = await open(url);
    await Promise.all([reasoner.reason("pick apple"), reasoner.reason("pick apple")]);
    await reasoner.reason("pick apple");
    expect(asked).toBe(1);
  });

  test.each([
    ["null", '{"object": null}', "sees nothing to grasp"],
    ["prose around the answer", 'Sure! ```json\n{"object": "apple"}\n```', undefined],
    ["an object that is not in the instruction", '{"object": "banana"}', "which the instruction does not"],
    ["no JSON", "apple", "no JSON"],
    ["a number", '{"object": 7}', "no short text"],
    ["another member", '{"target": "apple"}', 'no member "object"'],
    ["a refusal", "I'm sorry, I cannot help with that.", "refused"],
    ["nothing", "", "no JSON"],
    ["no text at all", null, "no JSON"],
  ])("answering %s is handled", async (_what, content, reason) => {
    const reasoner = await open(await serve(says(content)));
    const answer = await reasoner.reason("pick apple from white bowl");
    if (reason === undefined) expect(answer.target).toBe("apple");
    else {
      expect(answer.target).toBeUndefined();
      expect(answer.reason).toContain(reason);
    }
  });

  test("that first answers badly is asked again, and no more often than told", async () => {
    const reasoner = await open(await serve(says("apple", '{"object": "apple"}')));
    expect((await reasoner.reason("pick apple")).target).toBe("apple");
    let asked = 0;
    const url = await serve((request, response, body) => {
      asked++;
      return says("apple")(request, response, body);
    });
    expect((await (await open(url, { attempts: 3 })).reason("pick apple")).target).toBeUndefined();
    expect(asked).toBe(3);
  });

  test("that is busy is tried again", async () => {
    let asked = 0;
    const url = await serve((request, response, body) => {
      if (++asked > 1) return says('{"object": "apple"}')(request, response, body);
      response.statusCode = 503;
      response.end("busy");
    });
    expect((await (await open(url, { retries: 2 })).reason("pick apple")).target).toBe("apple");
  });

  test.each<[string, Reply, RegExp]>([
    ["an error status", (_q, r) => void r.writeHead(401).end("no"), /status 401/],
    [
      "a page instead of an API",
      (_q, r) => void r.writeHead(200, { "content-type": "application/json" }).end("<html>"),
      /no JSON/,
    ],
    ["a connection that is cut", (_q, r) => void r.destroy(), /no connection/],
    ["silence", () => undefined, /no answer within 1 s/],
  ])("giving %s is a clear sentence, and asked again next time", async (_what, reply, message) => {
    let isBroken = true;
    const url = await serve((request, response, body) =>
      isBroken ? reply(request, response, body) : says('{"object": "apple"}')(request, response, body),
    );
    const reasoner = await open(url, { timeoutS: 1 });
    await expect(reasoner.reason("pick apple")).rejects.toMatchObject({
      code: "PVLA_REASONER",
      message: expect.stringMatching(message) as string,
    });
    isBroken = false;
    expect((await (await open(url)).reason("pick apple")).target).toBe("apple");
  });

  test("that is not there is named with the remedy", async () => {
    const reasoner = await open("http://127.0.0.1:9/v1");
    await expect(reasoner.reason("pick apple")).rejects.toMatchObject({ code: "PVLA_REASONER" });
  });

  test("needs the key it was told to use", async () => {
    await expect(open("http://127.0.0.1:9/v1", { apiKeyEnv: "PIXELVLA_NO_SUCH_KEY" })).rejects.toMatchObject({
      code: "PVLA_REASONER",
    });
  });
});

// The real llama.cpp with a real, very small model: a story teller, so only the plumbing can be tested, not its sense.
const small = fileURLToPath(new URL("../../../../shared/data/models/stories260k/", import.meta.url));
const runtime = fileURLToPath(new URL("../../../tools/llm/node_modules/node-llama-cpp/dist/index.js", import.meta.url));
const canRun = existsSync(small) && existsSync(runtime);
if (!canRun) console.info("llama.cpp tests skipped: run `npm run llm:setup`; the model lies in ../shared/data");

describe.skipIf(!canRun)("a local model through llama.cpp", () => {
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-llm-"));
  const file = join(folder, "stories260k.gguf");
  const module = pathToFileURL(runtime).href;
  let reasoner: TargetReasoner;

  beforeAll(async () => {
    const read = (name: string) => readFileSync(join(small, name));
    writeFileSync(file, ggufFromLlama2c(read("stories260K.bin"), read("tok512.bin")));
    reasoner = await openReasoner({ name: "llama-cpp", options: { file, module, contextTokens: 2048, threads: 1 } });
  });
  afterAll(async () => {
    await reasoner.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test("answers within the grammar: an object of the instruction, none, or a named reason", async () => {
    for (const instruction of ["pick up the ball", "close the drawer"]) {
      const { target, reason } = await reasoner.reason(instruction);
      if (target === undefined) expect(reason).toMatch(/names|nothing to grasp|no word|anything|no JSON/);
      else expect(instruction).toContain(target);
    }
  });

  test("serves the endpoint's client, answers of a real model included", async () => {
    const llama = (await import(module)) as typeof import("../src/index.ts") & {
      getLlama(options: object): Promise<{
        loadModel(
          options: object,
        ): Promise<{ createContext(o: object): Promise<{ getSequence(): unknown }>; dispose(): Promise<void> }>;
      }>;
      LlamaCompletion: new (options: object) => {
        generateCompletion(prompt: string, options: object): Promise<string>;
      };
    };
    const runtimeInstance = await llama.getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: 1 });
    const model = await runtimeInstance.loadModel({ modelPath: file });
    const context = await model.createContext({ contextSize: 512 });
    const teller = new llama.LlamaCompletion({ contextSequence: context.getSequence() });
    const told: string[] = [];
    const url = await serve(async (_request, response) => {
      told.push(await teller.generateCompletion("Once upon a time", { maxTokens: 24, temperature: 0 }));
      response.setHeader("content-type", "application/json");
      response.end(completion(told.at(-1)));
    });
    const answer = await (await open(url, { attempts: 1, timeoutS: 30 })).reason("pick up the ball");
    expect(told[0]).toContain("there was a little girl named Lily");
    expect(answer).toMatchObject({ reason: "the answer holds no JSON", confidence: 0 });
    await model.dispose();
  });

  test("refuses a file that is no GGUF", async () => {
    const wrong = join(folder, "wrong.gguf");
    writeFileSync(wrong, "not a model");
    await expect(
      openReasoner({ name: "llama-cpp", options: { file: wrong, module, threads: 1 } }),
    ).rejects.toMatchObject({
      code: "PVLA_REASONER",
    });
  });
});

test("a runtime that is not installed is named with the command that installs it", async () => {
  await expect(
    openReasoner({ name: "llama-cpp", options: { file: "x.gguf", module: "pixelvla-no-such-module" } }),
  ).rejects.toMatchObject({ message: expect.stringContaining("npm install node-llama-cpp") as string });
});
