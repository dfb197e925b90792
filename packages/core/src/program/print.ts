import { formatShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Program } from "./program.ts";

/**
 * The program as text, one node a line: `%3:float32[4, 8] = Mul %1 %2`. Inputs and parameters appear under their names,
 * small constants as their value.
 */
export function printProgram(program: Program): string {
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of program.inputs) names.set(tensor, name);
  for (const { name, tensor } of program.parameters) names.set(tensor, name);
  for (const tensor of program.constants) names.set(tensor, constantText(tensor));
  let next = 0;
  const lines: string[] = [];
  const typed = (name: string, t: Tensor) => `${name}:${t.dtype}${formatShape(t.shape)}`;
  for (const [name, tensor] of program.inputs) lines.push(`input ${typed(name, tensor)}`);
  for (const { name, tensor } of program.parameters) lines.push(`parameter ${typed(name, tensor)}`);
  for (const node of program.nodes) {
    const outputs = node.outputs.map((t) => {
      names.set(t, `%${next++}`);
      return typed(names.get(t)!, t);
    });
    const attributes = Object.entries(node.attributes).map(
      ([key, value]) => `${key}=${Array.isArray(value) ? `[${value.join(",")}]` : String(value)}`,
    );
    const inputs = node.inputs.map((t) => (t === undefined ? "_" : names.get(t)!));
    lines.push([`${outputs.join(", ")} = ${node.operator.name}`, ...inputs, ...attributes].join(" "));
  }
  for (const [name, tensor] of program.outputs) lines.push(`output ${name} = ${names.get(tensor)!}`);
  return lines.join("\n");
}

function constantText(tensor: Tensor): string {
  if (tensor.origin.kind !== "constant") throw new Error("internal: not a constant");
  const { data } = tensor.origin;
  if (data.length === 1)
    return Number(data[0])
      .toPrecision(6)
      .replace(/\.?0+$/, "");
  return `const${formatShape(tensor.shape)}`;
}
