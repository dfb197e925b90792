import { expect, test } from "vitest";
import { groundingDinoNames } from "./names.ts";

const BACKBONE = "model.backbone.conv_encoder.model";

test.each([
  ["embeddings.norm.weight", "swin.embeddings.norm.weight"],
  ["encoder.layers.0.blocks.1.attention.self.query.bias", "swin.encoder.layers.0.blocks.1.attention.q_proj.bias"],
  [
    "encoder.layers.0.blocks.1.attention.self.relative_position_bias_table",
    "swin.encoder.layers.0.blocks.1.attention.relative_position_bias.relative_position_bias_table",
  ],
  ["encoder.layers.0.blocks.1.attention.output.dense.bias", "swin.encoder.layers.0.blocks.1.attention.o_proj.bias"],
  ["encoder.layers.0.blocks.1.intermediate.dense.bias", "swin.encoder.layers.0.blocks.1.mlp.fc1.bias"],
  ["encoder.layers.0.blocks.1.output.dense.bias", "swin.encoder.layers.0.blocks.1.mlp.fc2.bias"],
  ["hidden_states_norms.stage2.bias", "hidden_states_norms.stage2.bias"],
])("the backbone's %s is found under its published name first, then under transformers 5's", (published, inMemory) => {
  expect(groundingDinoNames(`${BACKBONE}.${published}`)).toEqual([
    `${BACKBONE}.${published}`,
    `${BACKBONE}.${inMemory}`,
  ]);
});

test("box heads may be stored with the decoder, everything else has one name", () => {
  expect(groundingDinoNames("bbox_embed.0.layers.1.bias")).toEqual([
    "bbox_embed.0.layers.1.bias",
    "model.decoder.bbox_embed.0.layers.1.bias",
  ]);
  expect(groundingDinoNames("model.text_projection.bias")).toEqual(["model.text_projection.bias"]);
});
