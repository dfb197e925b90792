import type { NameMap } from "@pixelvla/data/checkpoints";

const BACKBONE = "model.backbone.conv_encoder.model.";

/**
 * Names of a parameter in a checkpoint: as published (`IDEA-Research/grounding-dino-*`, transformers 4 and 5), as
 * transformers 5 has them in memory, and any of the box heads that a shared head is stored as.
 */
export const groundingDinoNames: NameMap = (parameter) => {
  if (parameter.startsWith("bbox_embed.")) return [parameter, `model.decoder.${parameter}`];
  if (!parameter.startsWith(BACKBONE)) return [parameter];
  const inMemory = parameter
    .replace(BACKBONE, `${BACKBONE}swin.`)
    .replace("swin.hidden_states_norms", "hidden_states_norms")
    .replace(/attention\.self\.(query|key|value)\./, (_, part: string) => `attention.${part[0]!}_proj.`)
    .replace("attention.self.relative", "attention.relative_position_bias.relative")
    .replace("attention.output.dense", "attention.o_proj")
    .replace("intermediate.dense", "mlp.fc1")
    .replace(/(?<!attention\.)output\.dense/, "mlp.fc2");
  return [parameter, inMemory];
};
