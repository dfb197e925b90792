/** Small rotation helpers. Matrices are row-major `[9]`, quaternions `[w, x, y, z]`, Euler angles static roll, pitch, yaw (R = Rz Ry Rx). */

export type Vector3 = readonly [number, number, number];
export type Matrix3 = readonly number[];

/** R = Rz(yaw) Ry(pitch) Rx(roll). */
export function matrixFromEuler(rollRad: number, pitchRad: number, yawRad: number): Matrix3 {
  const [cr, sr] = [Math.cos(rollRad), Math.sin(rollRad)];
  const [cp, sp] = [Math.cos(pitchRad), Math.sin(pitchRad)];
  const [cy, sy] = [Math.cos(yawRad), Math.sin(yawRad)];
  return [
    cy * cp,
    cy * sp * sr - sy * cr,
    cy * sp * cr + sy * sr,
    sy * cp,
    sy * sp * sr + cy * cr,
    sy * sp * cr - cy * sr,
    -sp,
    cp * sr,
    cp * cr,
  ];
}

/** The Euler angles of a rotation whose pitch stays within a quarter turn. */
export function eulerFromMatrix(m: Matrix3): { rollRad: number; pitchRad: number; yawRad: number } {
  return {
    rollRad: Math.atan2(m[7]!, m[8]!),
    pitchRad: Math.asin(Math.min(1, Math.max(-1, -m[6]!))),
    yawRad: Math.atan2(m[3]!, m[0]!),
  };
}

/** a b */
export function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const result: number[] = [];
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      result.push(a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!);
  return result;
}

/** Quaternion `[w, x, y, z]` with w >= 0 of a rotation. */
export function quaternionFromEuler(
  rollRad: number,
  pitchRad: number,
  yawRad: number,
): readonly [number, number, number, number] {
  const [cr, sr] = [Math.cos(rollRad / 2), Math.sin(rollRad / 2)];
  const [cp, sp] = [Math.cos(pitchRad / 2), Math.sin(pitchRad / 2)];
  const [cy, sy] = [Math.cos(yawRad / 2), Math.sin(yawRad / 2)];
  const q = [
    cr * cp * cy + sr * sp * sy,
    sr * cp * cy - cr * sp * sy,
    cr * sp * cy + sr * cp * sy,
    cr * cp * sy - sr * sp * cy,
  ] as const;
  return q[0] < 0 ? [-q[0], -q[1], -q[2], -q[3]] : q;
}

/** The angle brought into (-period / 2, period / 2]. */
export function wrapAngle(angleRad: number, periodRad: number = 2 * Math.PI): number {
  const wrapped = angleRad - periodRad * Math.round(angleRad / periodRad);
  return wrapped <= -periodRad / 2 ? wrapped + periodRad : wrapped;
}
