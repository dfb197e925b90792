import type { JobView } from "../../host/types.ts";
import { formatCount, formatPercent } from "../../text/format.ts";

interface FunnelProps {
  readonly funnel: JobView["funnel"];
  /** Episodes the job will look at, where known. */
  readonly total: number | undefined;
  readonly cause: string | undefined;
  readonly onCause: (cause: string | undefined) => void;
}

/** What went in, what was dropped for which cause in the order of the pipeline, and what is kept. Choosing a cause shows its thumbnails. */
export function Funnel({ funnel: { nIn, nKept, dropped }, total, cause, onCause }: FunnelProps) {
  const bars = [
    { key: "in", label: "looked at", n: nIn, detail: total ? `${formatPercent(nIn / total)} of the dataset` : "" },
    ...dropped.map((step) => ({
      key: step.cause,
      label: step.meaning,
      n: step.nDropped,
      detail: step.examples[0]?.detail ?? "",
    })),
    { key: "kept", label: "kept", n: nKept, detail: nIn === 0 ? "" : formatPercent(nKept / nIn) },
  ];
  return (
    <table className="funnel" data-testid="funnel">
      <caption className="visually-hidden">Funnel of the annotation job</caption>
      <tbody>
        {bars.map(({ key, label, n, detail }) => (
          <tr key={key} data-cause={key} data-chosen={cause === key || undefined}>
            <th scope="row">
              {key === "in" ? (
                label
              ) : (
                <button
                  type="button"
                  className="quiet"
                  aria-pressed={cause === key}
                  onClick={() => onCause(cause === key ? undefined : key)}
                >
                  {key === "kept" ? label : `dropped: ${label}`}
                </button>
              )}
            </th>
            <td className="number">{formatCount(n)}</td>
            <td className="funnel-bar">
              <span style={{ width: `${nIn === 0 ? 0 : (100 * n) / nIn}%` }} />
            </td>
            <td className="secondary small truncate funnel-detail" title={detail}>
              {detail}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
