import { builtinBackbones } from "@pixelvla/backbones";
import { createRegistry, type PluginRegistry } from "@pixelvla/core";
import { builtinDecoders } from "@pixelvla/decoders";
import { builtinEncoders } from "@pixelvla/encoders";
import { builtinAuxiliaries } from "../auxiliary/index.ts";

/** Every plugin that ships with this software. */
export const builtinRegistry = (): PluginRegistry =>
  createRegistry([...builtinEncoders, ...builtinBackbones, ...builtinDecoders, ...builtinAuxiliaries]);
