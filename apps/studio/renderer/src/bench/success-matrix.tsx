import type { EvaluationCell } from "../host/types.ts";
import { formatPercent } from "../text/format.ts";

/** Task x variant: success with its 95 % interval and the number of episodes in every cell. */
export function SuccessMatrix({ cells }: { cells: readonly EvaluationCell[] }) {
  if (cells.length === 0) return <p className="secondary bench-none">No episode has ended yet.</p>;
  const robots = [...new Set(cells.map(({ embodiment }) => embodiment))];
  const tasks = [...new Set(cells.map(({ task }) => task))];
  const variants = [...new Set(cells.map(({ variant }) => variant))];
  return (
    <>
      {robots.map((robot) => (
        <table key={robot} className="table matrix" data-testid="matrix">
          <caption className="secondary small">
            {robot}: success, 95 % Wilson interval, number of episodes; grasps below
          </caption>
          <thead>
            <tr>
              <th scope="col">Task</th>
              {variants.map((variant) => (
                <th key={variant} scope="col">
                  {variant}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="number">
            {tasks.map((task) => (
              <tr key={task}>
                <th scope="row">{task}</th>
                {variants.map((variant) => (
                  <td key={variant}>
                    <Cell
                      cell={cells.find(
                        (one) => one.embodiment === robot && one.task === task && one.variant === variant,
                      )}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}

function Cell({ cell }: { cell: EvaluationCell | undefined }) {
  if (cell === undefined) return <span className="secondary">–</span>;
  const { success, grasp, nEpisodes } = cell;
  return (
    <div className="matrix-cell">
      <strong>{formatPercent(success.share)}</strong>{" "}
      <span className="secondary small">
        {formatPercent(success.low)} to {formatPercent(success.high)}, n {nEpisodes}
      </span>
      <div className="matrix-bar" aria-hidden>
        <i style={{ left: `${100 * success.low}%`, width: `${100 * (success.high - success.low)}%` }} />
        <b style={{ left: `${100 * success.share}%` }} />
      </div>
      <span className="secondary small">grasp {formatPercent(grasp.share)}</span>
    </div>
  );
}
