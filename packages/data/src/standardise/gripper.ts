// Gripper conventions, all brought to absolute opening: 1 open, 0 closed. After OpenVLA's and Octo's data code.

// Thresholds in float32, as the originals compare: a command of exactly 0.1 is none.
const OPEN_ABOVE = Math.fround(0.95);
const CLOSED_BELOW = Math.fround(0.05);
const COMMAND = Math.fround(0.1);

/**
 * Absolute opening `[R]` made binary: above 0.95 open, below 0.05 closed; a value in between takes that of the next decided
 * frame after it; a run in between at the very end keeps the last recorded value.
 */
export function binariseGripper(opening: Float32Array): Float32Array {
  const binary = new Float32Array(opening.length);
  let next = opening.at(-1) ?? 0;
  for (let t = opening.length - 1; t >= 0; t--) {
    const value = opening[t]!;
    if (value > OPEN_ABOVE) next = 1;
    else if (value < CLOSED_BELOW) next = 0;
    binary[t] = next;
  }
  return binary;
}

/**
 * Relative commands `[R]` (above 0.1 closes, below -0.1 opens, else no change) to absolute opening. Before the first command
 * the gripper was in the opposite state; without any command it is open throughout. The commanding frame has the new value.
 */
export function relativeToAbsoluteGripper(command: Float32Array): Float32Array {
  const opening = new Float32Array(command.length);
  const direction = (value: number) => (value < -COMMAND ? 1 : value > COMMAND ? -1 : 0);
  const firstCommand = command.find((value) => direction(value) !== 0);
  let state = firstCommand === undefined ? 1 : -direction(firstCommand);
  for (let t = 0; t < command.length; t++) {
    const commanded = direction(command[t]!);
    if (commanded !== 0) state = commanded;
    opening[t] = state / 2 + 0.5;
  }
  return opening;
}

/** `1 - clip(x, 0, 1)` `[R]`: LIBERO's -1 open, +1 close becomes 1 open, 0 closed. */
export function invertClippedGripper(command: Float32Array): Float32Array {
  return command.map((value) => 1 - Math.min(1, Math.max(0, value)));
}
