import type { z } from "zod";
import type {
  ActionDecoderPlugin,
  AuxiliaryPlugin,
  BackbonePlugin,
  PixelEncoderPlugin,
  PolicyPlugin,
  ProjectorPlugin,
  PromptEncoderPlugin,
  VisionEncoderPlugin,
} from "./contracts.ts";

type Definition<P extends { kind: string }> = Omit<P, "kind">;

// Each helper infers the option type inside a plugin and forgets it outside, where plugins of one kind share a type:
// options reach a plugin only after its own schema has parsed them (compose.ts).

export function defineVisionEncoder<O extends z.ZodType>(
  plugin: Definition<VisionEncoderPlugin<O>>,
): VisionEncoderPlugin {
  return { kind: "visionEncoder", ...plugin } as unknown as VisionEncoderPlugin;
}

export function defineProjector<O extends z.ZodType>(plugin: Definition<ProjectorPlugin<O>>): ProjectorPlugin {
  return { kind: "projector", ...plugin } as unknown as ProjectorPlugin;
}

export function definePixelEncoder<O extends z.ZodType>(plugin: Definition<PixelEncoderPlugin<O>>): PixelEncoderPlugin {
  return { kind: "pixelEncoder", ...plugin } as unknown as PixelEncoderPlugin;
}

export function definePromptEncoder<O extends z.ZodType>(
  plugin: Definition<PromptEncoderPlugin<O>>,
): PromptEncoderPlugin {
  return { kind: "promptEncoder", ...plugin } as unknown as PromptEncoderPlugin;
}

export function defineBackbone<O extends z.ZodType>(plugin: Definition<BackbonePlugin<O>>): BackbonePlugin {
  return { kind: "backbone", ...plugin } as unknown as BackbonePlugin;
}

export function defineActionDecoder<O extends z.ZodType>(
  plugin: Definition<ActionDecoderPlugin<O>>,
): ActionDecoderPlugin {
  return { kind: "decoder", ...plugin } as unknown as ActionDecoderPlugin;
}

export function defineAuxiliary<O extends z.ZodType>(plugin: Definition<AuxiliaryPlugin<O>>): AuxiliaryPlugin {
  return { kind: "auxiliary", ...plugin } as unknown as AuxiliaryPlugin;
}

export type { PolicyPlugin };
