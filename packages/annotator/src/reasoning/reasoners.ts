import { nearestName, parseConfig } from "@pixelvla/core";
import { unknownReasoner } from "./errors.ts";
import { grammarReasoner } from "./grammar-reasoner.ts";
import { llamaCppReasoner } from "./llm/llama-cpp.ts";
import { openaiReasoner } from "./llm/openai-compatible.ts";
import type { TargetAnswer, TargetReasoner, TargetReasonerPlugin } from "./target-reasoner.ts";

/** Every target reasoner of this package. */
export const builtinReasoners: readonly TargetReasonerPlugin[] = [grammarReasoner, openaiReasoner, llamaCppReasoner];

/**
 * Opens a reasoner by name; its answers are kept per instruction, as thousands of episodes share a few hundred.
 *
 * @throws PVLA_UNKNOWN_PLUGIN, PVLA_CONFIG, PVLA_REASONER
 */
export async function openReasoner(
  reference: { readonly name: string; readonly options?: unknown },
  plugins: readonly TargetReasonerPlugin[] = builtinReasoners,
): Promise<TargetReasoner> {
  const plugin = plugins.find(({ name }) => name === reference.name);
  if (plugin === undefined) {
    const names = plugins.map(({ name }) => name).sort();
    throw unknownReasoner(reference.name, names, nearestName(reference.name, names));
  }
  const options = parseConfig(plugin.options, reference.options ?? {}, `Opening target reasoner "${plugin.name}"`);
  return remembered(await plugin.open(options));
}

function remembered(reasoner: TargetReasoner): TargetReasoner {
  const known = new Map<string, Promise<TargetAnswer>>();
  return {
    model: reasoner.model,
    modelVersion: reasoner.modelVersion,
    reason(instruction, options) {
      let answer = known.get(instruction);
      if (answer === undefined) {
        answer = reasoner.reason(instruction, options);
        known.set(instruction, answer);
        // A server that was down is asked again the next time.
        answer.catch(() => known.delete(instruction));
      }
      return answer;
    },
    dispose: () => reasoner.dispose(),
  };
}
