import { useQuery } from "@tanstack/react-query";
import { formatRoute } from "../route/route.ts";
import { datasetUses } from "./queries.ts";

/** Runs that were trained on a dataset, and the evaluations of them: what its annotations went into. */
export function DatasetUses({ datasetId }: { datasetId: string }) {
  const { data = [] } = useQuery(datasetUses(datasetId));
  if (data.length === 0) return null;
  return (
    <section className="panel-section" data-testid="dataset-uses">
      <h2 className="panel-title">Trained on this dataset</h2>
      <ul className="similar">
        {data.map(({ runId, name, fingerprint, usesAnnotations, evaluations }) => (
          <li key={runId}>
            <a href={formatRoute({ view: "run", runId })}>{name}</a>
            <span className="mono" title={fingerprint ?? "the run kept no fingerprint of its data"}>
              {fingerprint?.slice(0, 8) ?? "–"}
            </span>
            <span className="secondary small">
              {usesAnnotations ? "masks and prompts used" : "text only"}
              {evaluations.map(({ runId: id, name: evaluation }) => (
                <span key={id}>
                  , <a href={formatRoute({ view: "evaluation", runId: id })}>{evaluation}</a>
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
