import type { AblationCell, AblationRow, AblationTable } from "../../host/types.ts";

const percent = (share: number) => (100 * share).toFixed(1);
const points = (share: number) => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`.replace("-", "−");
const pText = (p: number) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);

/** Whether a cell's interval clears those of all other rows of its family in the column: only then is the best in bold. */
export function isClearBest(cell: AblationCell, others: readonly AblationCell[]): boolean {
  const { success } = cell;
  return success !== undefined && others.every((other) => other === cell || (other.success?.high ?? 0) < success.low);
}

/** A sweep as the paper's table: rows by family, a column group each, intervals and n in every cell, the paper's number in grey. */
export function AblationTableView({ table }: { table: AblationTable }) {
  const { columns, rows } = table;
  const families = [...new Set(rows.map(({ family }) => family))];
  const hasEvaluations = new Set(rows.map(({ evaluation }) => evaluation)).size > 1;
  return (
    <table className="table ablation number" data-testid="ablation">
      <thead>
        <tr>
          <th scope="col">Arm</th>
          {hasEvaluations && <th scope="col">Evaluation</th>}
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      {families.map((family) => {
        const own = rows.filter((row) => row.family === family);
        return (
          <tbody key={family}>
            <tr className="ablation-family">
              <th scope="rowgroup" colSpan={columns.length + (hasEvaluations ? 2 : 1)}>
                {family}
              </th>
            </tr>
            {own.map((row) => (
              <tr key={`${row.arm} ${row.evaluation}`} data-reference={row.isReference || undefined}>
                <th scope="row">
                  {row.arm}
                  {row.isReference && <span className="secondary small"> reference</span>}
                </th>
                {hasEvaluations && <td>{row.evaluation}</td>}
                {row.cells.map((cell, column) => (
                  <td key={columns[column]}>
                    <Cell cell={cell} isBest={isClearBest(cell, columnOf(own, column))} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

const columnOf = (rows: readonly AblationRow[], column: number) => rows.map(({ cells }) => cells[column]!);

function Cell({ cell, isBest }: { cell: AblationCell; isBest: boolean }) {
  const { success, n, difference, paper, perSeed, nFaults } = cell;
  const seeds = perSeed.map(({ seed, share }) => `${seed === undefined ? "" : `seed ${seed}: `}${percent(share)}`);
  return (
    <div className="ablation-cell" title={seeds.join(", ")}>
      {success === undefined ? (
        <span className="secondary">–</span>
      ) : (
        <>
          <span className="ablation-share" data-best={isBest || undefined}>
            {percent(success.share)}
          </span>{" "}
          <span className="secondary small">
            [{percent(success.low)}, {percent(success.high)}] n {n}
          </span>
        </>
      )}
      {paper !== undefined && (
        <span className="ablation-paper small" title="the paper's number">
          {" "}
          {paper.toFixed(1)}
        </span>
      )}
      {difference !== undefined && (
        <span className="ablation-difference small">
          {points(difference.difference)} [{points(difference.low)}, {points(difference.high)}],{" "}
          {pText(difference.pValue)}
        </span>
      )}
      {nFaults > 0 && <span className="fail small">{nFaults} faults</span>}
    </div>
  );
}
