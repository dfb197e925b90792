import { Random } from "@pixelvla/core";
import { expect, test } from "vitest";
import { ActionConverter, rotationVectorOf } from "./convert-actions.ts";

const random = new Random("convert");
/** Actions `[openness.length, 7]` that differ in nothing but the gripper. */
const chunkOf = (openness: readonly number[]) => Float32Array.from(openness.flatMap((o) => [1, 2, 3, 0, 0, 0, o]));
const grippers = (actions: Float32Array) => [...actions].filter((_, i) => i % 7 === 6);

type Matrix = readonly (readonly number[])[];
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
/** Rotation by `angle` about the unit vector `x y z` (Rodrigues). */
function rotation([x, y, z]: readonly [number, number, number], angle: number): Matrix {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  const t = 1 - c;
  return [
    [t * x * x + c, t * x * y - s * z, t * x * z + s * y],
    [t * x * y + s * z, t * y * y + c, t * y * z - s * x],
    [t * x * z - s * y, t * y * z + s * x, t * z * z + c],
  ];
}

test("roll, pitch, yaw about the fixed axes and their rotation vector turn alike", () => {
  for (let i = 0; i < 300; i++) {
    const [roll, pitch, yaw] = Array.from({ length: 3 }, () => 2 * Math.PI * (random.uniform() - 0.5)) as [
      number,
      number,
      number,
    ];
    const vector = rotationVectorOf(roll, pitch, yaw);
    const angle = Math.hypot(...vector);
    expect(angle).toBeLessThanOrEqual(Math.PI + 1e-9);
    const turned = rotation(vector.map((part) => part / angle) as [number, number, number], angle);
    const wanted = product(rotation([0, 0, 1], yaw), product(rotation([0, 1, 0], pitch), rotation([1, 0, 0], roll)));
    turned.flat().forEach((value, k) => expect(value).toBeCloseTo(wanted.flat()[k]!, 9));
  }
  expect(rotationVectorOf(0, 0, 0)).toEqual([0, 0, 0]);
});

test("LIBERO's clients get -1 for open and +1 for closed where they pass it on, openness where they convert themselves", () => {
  const chunk = chunkOf([1, 0, 0.25]);
  const of = (protocol: "openpi" | "vla-eval" | "openvla" | "oft") =>
    grippers(new ActionConverter("libero", protocol, 7).convert(chunk));
  expect(of("openpi")).toEqual([-1, 1, 0.5]);
  expect(of("vla-eval")).toEqual([-1, 1, 0.5]);
  expect(of("openvla")).toEqual([1, 0, 0.25]);
  expect(of("oft")).toEqual([1, 0, 0.25]);
  expect(grippers(chunk)).toEqual([1, 0, 0.25]); // the policy's own are left alone
});

test("vla-eval's SimplerEnv takes rotation vectors, every other client the policy's angles", () => {
  const chunk = Float32Array.of(0, 0, 0, 0.3, -0.2, 0.9, 1);
  const turned = [...new ActionConverter("widowx", "vla-eval", 7).convert(chunk)];
  rotationVectorOf(chunk[3]!, chunk[4]!, chunk[5]!).forEach((value, k) => expect(turned[3 + k]).toBeCloseTo(value, 6));
  expect(turned[6]).toBe(1); // openness: its binary mode opens above 0.5
  for (const protocol of ["openpi", "openvla", "oft"] as const)
    expect(new ActionConverter("widowx", protocol, 7).convert(chunk)).toEqual(chunk);
});

const STICKY_STEPS = 15;

/** A relative gripper that is large is kept for fifteen steps: by OpenVLA's wrapper and by vla-eval 0.8 alike, restated here. */
function latching() {
  let [isOn, kept, count] = [false, 0, 0];
  return (relative: number) => {
    if (Math.abs(relative) > 0.5 && !isOn) [isOn, kept] = [true, relative];
    if (isOn) count++;
    const given = isOn ? kept : relative;
    if (count === STICKY_STEPS) [isOn, kept, count] = [false, 0, 0];
    return given;
  };
}

/** vla-eval's `sticky` mode: what goes to the environment for the number a server sent. */
function stickyMode() {
  const latch = latching();
  return (x: number) => latch(1 - 2 * x);
}

/** OpenVLA's SimplerEnv wrapper for the Google robot: what goes to the environment for the policy's openness. */
function openvlaRule() {
  const latch = latching();
  let previous: number | undefined;
  return (open: number) => {
    const relative = previous === undefined ? 0 : previous - open;
    previous = open;
    return latch(relative);
  };
}

test("the Google robot's gripper through vla-eval's sticky mode is what OpenVLA's wrapper gives, chunk after chunk", () => {
  for (let sequence = 0; sequence < 200; sequence++) {
    const converter = new ActionConverter("google-robot", "vla-eval", 7); // one an episode
    const [theirs, wanted] = [stickyMode(), openvlaRule()];
    for (let chunk = 0; chunk < 12; chunk++) {
      const openness = Array.from({ length: 1 + random.integer(8) }, () =>
        random.integer(3) === 0 ? random.uniform() : random.integer(2),
      );
      const sent = grippers(converter.convert(chunkOf(openness)));
      openness.forEach((open, k) => expect(theirs(sent[k]!)).toBeCloseTo(wanted(Math.fround(open)), 5));
    }
  }
});
