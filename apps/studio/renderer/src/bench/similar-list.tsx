import { useQuery } from "@tanstack/react-query";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import { formatRoute } from "../route/route.ts";
import { formatCount, formatPercent } from "../text/format.ts";
import { similarEpisodes } from "./queries.ts";

/** Training episodes most like the open one, with what they were annotated as. */
export function SimilarList({ runId, line }: { runId: string; line: number }) {
  const { data, error } = useQuery(similarEpisodes(runId, line));
  return (
    <section className="panel-section" data-testid="similar">
      <h2 className="panel-title">Training episodes like this one</h2>
      {error && <ProblemPanel compact problem={problemOf(error)} />}
      {data?.episodes.length === 0 && (
        <p className="secondary small">None of the {formatCount(data.nCompared)} shares a word with it.</p>
      )}
      <ol className="similar">
        {data?.episodes.map(({ datasetId, episodeIndex, task, phrase, annotation, likeness }) => (
          <li key={episodeIndex}>
            <a href={formatRoute({ view: "episode", datasetId, episodeIndex })}>{task}</a>
            <span className="number small">{formatPercent(likeness)}</span>
            <span className="secondary small">
              episode {episodeIndex}, {phrase === undefined ? annotation : `“${phrase}”, ${annotation}`}
            </span>
          </li>
        ))}
      </ol>
      {data && <p className="secondary small">{data.measure}</p>}
    </section>
  );
}
