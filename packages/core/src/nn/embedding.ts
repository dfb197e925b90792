import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gather } from "../ops/gather.ts";

/** Rows of a learned table `[count, D]` (parameter `NAME.weight`): int64 `ids` `[...]` -> `[..., D]`. */
export function embedding(g: Graph, ids: Tensor, count: number, width: number, name: string, std = 0.02): Tensor {
  const table = g.within(name, () => g.parameter("weight", [count, width], { kind: "normal", std }));
  return gather(table, ids, 0);
}
