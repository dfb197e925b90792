import { Random } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { decodeMsgpack } from "./decode-msgpack.ts";
import { encodeMsgpack, NumpyScalar, WireFloat } from "./encode-msgpack.ts";
import { parseJsonNumpy, writeJsonNumpy } from "./json-numpy.ts";
import {
  float32Array,
  float64Array,
  isNdArray,
  ndArray,
  toNumbers,
  toText,
  uint8Array,
  type NdArray,
} from "./nd-array.ts";
import { EncodedPicture } from "./numpy-maps.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

/** Bytes of openpi-client's own encoder (`openpi_client.msgpack_numpy.packb`), reference §1.2. */
const OPENPI: readonly (readonly [string, unknown, string])[] = [
  [
    "float32 [1, 2]",
    float32Array(Float32Array.of(1, 2), [2]),
    "84c40b5f5f6e6461727261795f5fc3c40464617461c4080000803f00000040c4056474797065a33c6634c40573686170659102",
  ],
  [
    "uint8 (1, 2, 3)",
    uint8Array(Uint8Array.of(0, 1, 2, 3, 4, 5), [1, 2, 3]),
    "84c40b5f5f6e6461727261795f5fc3c40464617461c406000102030405c4056474797065a37c7531c405736861706593010203",
  ],
  [
    "float64 0-d",
    float64Array([1], []),
    "84c40b5f5f6e6461727261795f5fc3c40464617461c408000000000000f03fc4056474797065a33c6638c405736861706590",
  ],
  [
    "np.float32(1.5)",
    new NumpyScalar("<f4", 1.5),
    "83c40d5f5f6e7067656e657269635f5fc3c40464617461cb3ff8000000000000c4056474797065a33c6634",
  ],
  [
    "np.bool_(True)",
    new NumpyScalar("|b1", true),
    "83c40d5f5f6e7067656e657269635f5fc3c40464617461c3c4056474797065a37c6231",
  ],
  ["np.int64(3)", new NumpyScalar("<i8", 3), "83c40d5f5f6e7067656e657269635f5fc3c4046461746103c4056474797065a33c6938"],
  [
    "an observation",
    { prompt: "x", "observation/state": float64Array([0, 0], [2]) },
    "82a670726f6d7074a178b16f62736572766174696f6e2f737461746584c40b5f5f6e6461727261795f5fc3c40464617461c41000000000000000000000000000000000c4056474797065a33c6638c40573686170659102",
  ],
];

describe("openpi's msgpack", () => {
  test.each(OPENPI)("%s has the bytes of the reference", (_, value, golden) => {
    expect(hex(encodeMsgpack(value, "bytes"))).toBe(golden);
  });

  test.each(OPENPI)("%s is read back", (_, value, golden) => {
    const plain = value instanceof NumpyScalar ? value.data : value;
    expect(decodeMsgpack(bytes(golden))).toEqual(plain);
  });

  test("text arrays, half precision and big-endian numbers are understood", () => {
    expect(toText(ndArray("<U2", [], bytes("6800000069000000")))).toBe("hi");
    expect([...toNumbers(ndArray("<f2", [3], bytes("003c00c00100")))]).toEqual([1, -2, 2 ** -24]);
    expect([...toNumbers(ndArray(">i2", [2], bytes("0001ffff")))]).toEqual([1, -1]);
  });
});

/** Bytes of vla-eval's encoder (`vla_eval.protocol.pack_message`), reference §3b.3. */
const VLA_EVAL_ACTION =
  "84a474797065a6616374696f6ea77061796c6f616481a7616374696f6e7384ab5f5f6e6461727261795f5fc3a464617461c41c00000000000000000000000000000000000000000000000000000000a56474797065a33c6634a573686170659107a373657102a974696d657374616d70cb3fe0000000000000";
const VLA_EVAL_PICTURE =
  "84a95f5f696d6167655f5fc3a6666f726d6174a3706e67a464617461c44f89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001649444154789c636460646266666661636363646666000117002d2ebb78a40000000049454e44ae426082a5736861706593020203";

describe("vla-eval's msgpack", () => {
  test("an array and an action message have the bytes of the reference", () => {
    expect(hex(encodeMsgpack(float32Array(Float32Array.of(1, 2), [2]), "text"))).toBe(
      "84ab5f5f6e6461727261795f5fc3a464617461c4080000803f00000040a56474797065a33c6634a573686170659102",
    );
    const message = {
      type: "action",
      payload: { actions: float32Array(new Float32Array(7), [7]) },
      seq: 2,
      timestamp: new WireFloat(0.5),
    };
    expect(hex(encodeMsgpack(message, "text"))).toBe(VLA_EVAL_ACTION);
  });

  test("a picture stays compressed until it is looked at", () => {
    const picture = decodeMsgpack(bytes(VLA_EVAL_PICTURE)) as EncodedPicture;
    expect(picture).toBeInstanceOf(EncodedPicture);
    expect(picture.format).toBe("png");
    expect(hex(picture.bytes.subarray(0, 8))).toBe("89504e470d0a1a0a");
  });
});

describe("json-numpy", () => {
  test("an action is written as the reference server writes it", () => {
    const zeros = float64Array(new Float64Array(7), [7]);
    expect(writeJsonNumpy(zeros)).toBe(
      `{"__numpy__":"${Buffer.alloc(56).toString("base64")}","dtype":"<f8","shape":[7]}`,
    );
  });

  test("arrays are found at any depth and an empty shape is a number", () => {
    const read = parseJsonNumpy(
      '{"a":[{"__numpy__":"AACAPwAAAEA=","dtype":"<f4","shape":[2]}],"b":{"__numpy__":"AADAPw==","dtype":"<f4","shape":[]}}',
    ) as { a: [NdArray]; b: number };
    expect([...toNumbers(read.a[0])]).toEqual([1, 2]);
    expect(read.b).toBe(1.5);
  });
});

describe("hostile messages", () => {
  const refused = (message: Uint8Array) => {
    try {
      decodeMsgpack(message);
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test.each([
    ["an empty message", ""],
    ["a list of four billion elements", "ddffffffff"],
    ["bytes that end early", "c6ffffffff00"],
    ["a key that is a list", "819000"],
    ["an integer key", "810101"],
    ["an unused type", "c1"],
    ["something after the end", "c0c0"],
    ["an array of objects", "84c40b5f5f6e6461727261795f5fc3c40464617461c400c4056474797065a27c4fc40573686170659100"],
    [
      "a shape that contradicts the bytes",
      "84c40b5f5f6e6461727261795f5fc3c40464617461c400c4056474797065a37c7531c40573686170659105",
    ],
    ["an array without bytes", "81ab5f5f6e6461727261795f5fc3"],
  ])("%s is refused", (_, message) => {
    expect(refused(bytes(message))).toBe("PVLA_SERVE_MESSAGE");
  });

  test("nesting without end is refused before the stack ends", () => {
    expect(refused(new Uint8Array(1_000_000).fill(0x91))).toBe("PVLA_SERVE_MESSAGE");
    expect(() => parseJsonNumpy("[".repeat(200_000))).toThrow(/Reading a JSON message/);
    expect(() => parseJsonNumpy("[".repeat(1000) + "]".repeat(1000))).toThrow(/levels of nesting/);
  });

  test("keys that mean something to JavaScript are plain keys", () => {
    const map = decodeMsgpack(encodeMsgpack({ ["__proto__"]: 1, constructor: 2 }, "text")) as Record<string, unknown>;
    expect(Object.getPrototypeOf(map)).toBeNull();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(map["constructor"]).toBe(2);
  });

  test("damaged messages give a value or a reasoned refusal, never anything else", () => {
    const random = new Random("damage");
    const seeds = [...OPENPI.map(([, , golden]) => golden), VLA_EVAL_ACTION, VLA_EVAL_PICTURE].map(bytes);
    for (let i = 0; i < 20_000; i++) {
      const message = seeds[random.integer(seeds.length)]!.slice();
      const nChanges = 1 + random.integer(4);
      for (let k = 0; k < nChanges; k++) message[random.integer(message.length)] = random.integer(256);
      const code = refused(message.subarray(0, 1 + random.integer(message.length)));
      expect(code === undefined || code === "PVLA_SERVE_MESSAGE").toBe(true);
    }
  });

  test("whole and fractional numbers of every size come back", () => {
    const values = [
      0,
      127,
      128,
      255,
      256,
      65535,
      65536,
      2 ** 32,
      2 ** 53 - 1,
      -1,
      -32,
      -33,
      -129,
      -32769,
      -(2 ** 31) - 1,
      0.1,
      -0,
    ];
    expect(decodeMsgpack(encodeMsgpack(values, "bytes"))).toEqual(values);
    expect(isNdArray(decodeMsgpack(encodeMsgpack({ data: 1 }, "bytes")))).toBe(false);
  });
});
