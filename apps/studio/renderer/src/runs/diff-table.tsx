import { useQuery } from "@tanstack/react-query";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import { runDiff } from "./queries.ts";

/** The recipe fields in which runs differ, one column a run. */
export function DiffTable({
  runIds,
  nameOf,
  colorOf,
}: {
  runIds: readonly string[];
  nameOf: (runId: string) => string;
  colorOf: (runId: string) => string;
}) {
  const { data, error } = useQuery(runDiff(runIds));
  if (error) return <ProblemPanel compact problem={problemOf(error)} />;
  if (data?.length === 0) return <p className="secondary diff-none">These runs have the same configuration.</p>;
  return (
    <div
      className="table-scroll"
      tabIndex={0}
      role="group"
      aria-label="Differences between the runs"
      data-testid="diff"
    >
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {runIds.map((runId) => (
              <th key={runId} scope="col">
                <span className="swatch" style={{ background: colorOf(runId) }} /> {nameOf(runId)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data?.map(({ path, values }) => (
            <tr key={path}>
              <th scope="row" className="mono">
                {path}
              </th>
              {runIds.map((runId, index) => (
                <td key={runId} className="mono">
                  {values[index] ?? <span className="secondary">absent</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
