import { basename } from "node:path";
import { z } from "zod";
import { reasonerUnavailable } from "../errors.ts";
import { defineTargetReasoner } from "../target-reasoner.ts";
import { askUntilUsable } from "./ask.ts";
import { ANSWER_SCHEMA, EXAMPLES, SYSTEM_PROMPT } from "./question.ts";

const options = z.strictObject({
  file: z.string().min(1).describe("GGUF file of an instruction-following model"),
  threads: z.int().min(1).optional().describe("CPU threads; the runtime's choice when left out"),
  gpu: z.boolean().default(false).describe("Use a GPU if llama.cpp finds one"),
  contextTokens: z.int().min(256).default(1024).describe("Context length in tokens"),
  module: z.string().default("node-llama-cpp").describe("Module to load llama.cpp from"),
});

/** The part of node-llama-cpp that is used; the package is installed by whoever wants it (it brings 35 MB and more). */
interface LlamaModule {
  getLlama(options: object): Promise<{
    loadModel(
      options: object,
    ): Promise<{ createContext(options: object): Promise<LlamaContext>; dispose(): Promise<void> }>;
    createGrammarForJsonSchema(schema: object): Promise<unknown>;
    dispose(): Promise<void>;
  }>;
  LlamaCompletion: new (options: { contextSequence: unknown }) => {
    generateCompletion(prompt: string, options: object): Promise<string>;
    dispose(): void;
  };
}
interface LlamaContext {
  getSequence(): { dispose(): void; clearHistory(): Promise<void> };
}

/** A local GGUF model through llama.cpp, its answer held to the JSON schema while it is written. */
export const llamaCppReasoner = defineTargetReasoner({
  name: "llama-cpp",
  summary: "A local GGUF language model through node-llama-cpp (installed separately).",
  options,
  async open(parsed) {
    const name = basename(parsed.file);
    let module: LlamaModule;
    try {
      module = (await import(parsed.module)) as LlamaModule;
    } catch (error) {
      throw reasonerUnavailable(name, `${parsed.module} is not installed`, "Run: npm install node-llama-cpp", error);
    }
    try {
      const llama = await module.getLlama({
        gpu: parsed.gpu ? "auto" : false,
        build: "never",
        logLevel: "error",
        ...(parsed.threads === undefined ? {} : { maxThreads: parsed.threads }),
      });
      const model = await llama.loadModel({ modelPath: parsed.file });
      const context = await model.createContext({ contextSize: parsed.contextTokens });
      const sequence = context.getSequence();
      const grammar = await llama.createGrammarForJsonSchema(ANSWER_SCHEMA);
      const completion = new module.LlamaCompletion({ contextSequence: sequence });
      // One sequence: questions wait for each other.
      let last: Promise<unknown> = Promise.resolve();
      return {
        model: name,
        modelVersion: "llama.cpp",
        reason(instruction, { signal } = {}) {
          const ask = async () => {
            await sequence.clearHistory();
            return completion.generateCompletion(completionPrompt(instruction), {
              grammar,
              maxTokens: 64,
              temperature: 0,
              ...(signal === undefined ? {} : { signal }),
            });
          };
          // The grammar rules out malformed answers, and temperature 0 makes a second one equal to the first.
          const answer = last.then(() => askUntilUsable(instruction, 1, ask));
          last = answer.catch(() => undefined);
          return answer;
        },
        async dispose() {
          completion.dispose();
          await model.dispose();
          await llama.dispose();
        },
      };
    } catch (error) {
      throw reasonerUnavailable(
        name,
        error instanceof Error ? error.message : String(error),
        `Check that ${parsed.file} is a GGUF file of a language model and fits into memory`,
        error,
      );
    }
  },
});

function completionPrompt(instruction: string): string {
  const shots = EXAMPLES.map(([question, answer]) => `Instruction: ${question}\nAnswer: ${answer}\n`).join("");
  return `${SYSTEM_PROMPT}\n\n${shots}Instruction: ${instruction}\nAnswer: `;
}
