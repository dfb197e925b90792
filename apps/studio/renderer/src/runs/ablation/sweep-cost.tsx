import { Facts } from "../../feedback/facts.tsx";
import type { SweepPreview } from "../../host/types.ts";
import { formatCount } from "../../text/format.ts";

/** What a sweep comes to: its cells, its training and what its episodes can show. */
export function SweepCostView({ plan }: { plan: NonNullable<SweepPreview["plan"]> }) {
  const { training, flops, nCells, nEvaluations, nEpisodes, columns } = plan;
  const steps = training.reduce((sum, one) => sum + one.steps, 0);
  return (
    <>
      <Facts
        facts={[
          ["Cells", formatCount(nCells)],
          ["Training runs", `${formatCount(training.length)}, ${formatCount(steps)} train steps in all`],
          ["Training", `${teraFlop(flops)} TFLOP at most`],
          ["Evaluations", `${formatCount(nEvaluations)}, ${formatCount(nEpisodes)} episodes`],
        ]}
      />
      <table className="table number small sweep-columns" aria-label="What the episodes can show">
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col" className="right">
              n an arm
            </th>
            <th scope="col" className="right" title="80 % power at the 5 % level around 50 % success, unpaired">
              shows from
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, n, detectable }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="right">{formatCount(n)}</td>
              <td className="right">{detectable >= 1 ? "nothing" : `${(100 * detectable).toFixed(0)} points`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const teraFlop = (flops: number) => (flops / 1e12).toPrecision(3);
