import {
  extractProgram,
  Graph,
  initialValues,
  Random,
  sizeOf,
  type BackbonePlugin,
  type PrefixInput,
  type Tensor,
} from "@pixelvla/core";
import { onnxruntimeEngine, type Feeds } from "@pixelvla/engines";
import { describe, expect, test } from "vitest";
import { builtinBackbones, llama, paligemma } from "../src/index.ts";

/** Every backbone at a size that runs in milliseconds; a new plugin must be added here. */
const TINY: Record<string, object> = {
  llama: {
    width: 16,
    layers: 2,
    heads: 2,
    mlpWidth: 24,
    vocabulary: 40,
    actionVocabulary: 32,
    pad: 3,
    annotationsSentinel: 4,
    visualPromptsSentinel: 5,
  },
  paligemma: {
    width: 16,
    mlpWidth: 24,
    expertWidth: 8,
    expertMlpWidth: 12,
    layers: 2,
    heads: 2,
    headWidth: 8,
    vocabulary: 40,
    annotationsSentinel: 4,
    visualPromptsSentinel: 5,
  },
};
const B = 2;
const N = 3;
const T = 6;
const SEGMENTS = [1, 4];

test("every backbone has a tiny configuration here", () => {
  expect(builtinBackbones.map((p) => p.name).sort()).toEqual(Object.keys(TINY).sort());
});

interface Harness {
  readonly g: Graph;
  readonly prefix: PrefixInput;
  readonly suffix: readonly { tokens: Tensor }[];
  readonly backbone: ReturnType<BackbonePlugin["build"]>;
}

function harness(plugin: BackbonePlugin, inserts: "none" | "annotations" = "none"): Harness {
  const g = new Graph();
  const options = plugin.options.parse(TINY[plugin.name]);
  const backbone = g.within("backbone", () => plugin.build(g, { batch: B, textLength: T }, options));
  const prefix: PrefixInput = {
    vision: g.input("vision", "float32", [B, N, backbone.width]),
    tokens: g.input("tokens", "int64", [B, T]),
    tokenValid: g.input("tokenValid", "float32", [B, T]),
    inserts:
      inserts === "none"
        ? []
        : [{ sentinel: "annotations", tokens: g.input("insert", "float32", [B, 1, backbone.width]) }],
  };
  const suffix = SEGMENTS.map((n, i) => ({ tokens: g.input(`segment${i}`, "float32", [B, n, backbone.suffixWidth]) }));
  return { g, prefix, suffix, backbone };
}

/** Random feeds; the second sample's last two text tokens are padding. */
function feedsOf(
  g: Graph,
  change: (feeds: Record<string, Float32Array | BigInt64Array>) => void = () => undefined,
): Feeds {
  const random = new Random(7);
  const feeds: Record<string, Float32Array | BigInt64Array> = {};
  for (const [name, { shape, dtype }] of g.inputs) {
    const size = sizeOf(shape);
    if (dtype === "int64")
      feeds[name] = BigInt64Array.from({ length: size }, (_, i) => (i % T === 2 ? 4n : BigInt(6 + (i % 5))));
    else if (name === "tokenValid")
      feeds[name] = Float32Array.from({ length: size }, (_, i) => (i >= 2 * T - 2 ? 0 : 1));
    else feeds[name] = Float32Array.from({ length: size }, () => random.normal());
  }
  change(feeds);
  return feeds;
}

async function run(g: Graph, outputs: Record<string, Tensor>, feeds: Feeds) {
  const program = extractProgram(g, outputs);
  const values = new Map(program.parameters.map((p) => [p.name, initialValues(p, 1)]));
  const executable = await onnxruntimeEngine().compile(program, { values, threads: 1 });
  try {
    return await executable.run(Object.fromEntries(executable.inputNames.map((n) => [n, feeds[n]!])));
  } finally {
    await executable.dispose();
  }
}

const close = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)));
const floats = (x: unknown) => x as Float32Array;

describe.each([llama, paligemma])("$name", (plugin) => {
  test.each(["causal", "block"] as const)("the cached path equals one pass under rule %s", async (rule) => {
    const { g, prefix, suffix, backbone } = harness(plugin);
    const whole = backbone.run(prefix, suffix, rule);
    const cache = backbone.encode(prefix);
    const cached = backbone.extend(cache, suffix, rule);
    const result = await run(
      g,
      {
        a0: whole.suffix[0]!,
        a1: whole.suffix[1]!,
        a2: whole.lastPrompt,
        b0: cached.suffix[0]!,
        b1: cached.suffix[1]!,
        b2: cache.lastPrompt,
      },
      feedsOf(g),
    );
    for (const i of [0, 1, 2]) expect(close(floats(result[`a${i}`]), floats(result[`b${i}`]))).toBeLessThan(1e-5);
  });

  test("token by token under the causal rule equals all at once", async () => {
    const { g, prefix, suffix, backbone } = harness(plugin);
    const whole = backbone.extend(backbone.encode(prefix), suffix, "causal");
    const first = backbone.extend(backbone.encode(prefix), [suffix[0]!], "causal");
    const second = backbone.extend(first.cache, [suffix[1]!], "causal");
    const result = await run(g, { whole: whole.suffix[1]!, steps: second.suffix[0]! }, feedsOf(g));
    expect(close(floats(result["whole"]), floats(result["steps"]))).toBeLessThan(1e-5);
  });

  test("padding changes nothing, whatever stands in it", async () => {
    const { g, prefix, suffix, backbone } = harness(plugin);
    const { suffix: out } = backbone.run(prefix, suffix, "block");
    const plain = await run(g, { out: out[1]! }, feedsOf(g));
    const other = await run(
      g,
      { out: out[1]! },
      feedsOf(g, ({ tokens }) => {
        (tokens as BigInt64Array)[2 * T - 1] = 9n;
        (tokens as BigInt64Array)[2 * T - 2] = 11n;
      }),
    );
    expect(close(floats(plain["out"]), floats(other["out"]))).toBeLessThan(1e-6);
  });

  test("within a block every suffix token sees the others; causally only earlier ones", async () => {
    const { g, prefix, suffix, backbone } = harness(plugin);
    const block = backbone.run(prefix, suffix, "block").suffix[1]!;
    const causal = g.reusing(() => backbone.run(prefix, suffix, "causal").suffix[1]!);
    const touchLast = (feeds: Record<string, Float32Array | BigInt64Array>) => {
      (feeds["segment1"] as Float32Array).fill(
        3,
        (SEGMENTS[1]! - 1) * backbone.suffixWidth,
        SEGMENTS[1]! * backbone.suffixWidth,
      );
    };
    const a = await run(g, { block, causal }, feedsOf(g));
    const b = await run(g, { block, causal }, feedsOf(g, touchLast));
    const firstToken = (x: unknown) => floats(x).subarray(0, backbone.suffixWidth);
    expect(close(firstToken(a["block"]), firstToken(b["block"]))).toBeGreaterThan(1e-4);
    expect(close(firstToken(a["causal"]), firstToken(b["causal"]))).toBeLessThan(1e-6);
  });

  test("an insert takes the place of its sentinel and reaches the suffix", async () => {
    const { g, prefix, suffix, backbone } = harness(plugin, "annotations");
    const { suffix: out } = backbone.run(prefix, suffix, "block");
    const a = await run(g, { out: out[1]! }, feedsOf(g));
    const b = await run(
      g,
      { out: out[1]! },
      feedsOf(g, ({ insert }) => (insert as Float32Array).fill(2)),
    );
    expect(close(floats(a["out"]), floats(b["out"]))).toBeGreaterThan(1e-4);
    // The sentinel's own embedding row must not matter.
    const program = extractProgram(g, { out: out[1]! });
    const values = new Map(program.parameters.map((p) => [p.name, initialValues(p, 1)]));
    const table = [...values.keys()].find((n) => n.includes("embed_tokens"))!;
    values.get(table)!.fill(9, 4 * backbone.width, 5 * backbone.width);
    const executable = await onnxruntimeEngine().compile(program, { values, threads: 1 });
    const changed = await executable.run(Object.fromEntries(executable.inputNames.map((n) => [n, feedsOf(g)[n]!])));
    await executable.dispose();
    expect(close(floats(a["out"]), floats(changed["out"]))).toBeLessThan(1e-6);
  });
});

test("paligemma refuses the rule it cannot honour", () => {
  const { prefix, suffix, backbone } = harness(paligemma);
  expect(() => backbone.run(prefix, suffix, "full")).toThrow(expect.objectContaining({ code: "PVLA_INCOMPATIBLE" }));
});
