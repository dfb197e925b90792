import type { EpisodeOutcome } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";
import { outcomeLook } from "./outcome-badge.tsx";

/** Every episode as a small square by seed, a row for each task and variant; a click opens its replay. */
export function OutcomeGrid({ episodes, open }: { episodes: readonly EpisodeOutcome[]; open: number | undefined }) {
  const groups = new Map<string, { episode: EpisodeOutcome; line: number }[]>();
  episodes.forEach((episode, line) => {
    const name = `${episode.task}, ${episode.variant}`;
    groups.set(name, [...(groups.get(name) ?? []), { episode, line }]);
  });
  return (
    <div className="outcome-grid" data-testid="outcome-grid">
      {[...groups].map(([name, members]) => (
        <div key={name} className="outcome-row">
          <span className="small secondary truncate outcome-name">{name}</span>
          <div className="outcome-squares">
            {members
              .toSorted((a, b) => a.episode.seed - b.episode.seed)
              .map(({ episode, line }) => {
                const { icon: Look, words, kind } = outcomeLook(episode.outcome);
                return (
                  <button
                    key={line}
                    type="button"
                    className="outcome-square"
                    data-kind={kind}
                    aria-pressed={line === open}
                    aria-label={`Seed ${episode.seed}: ${words}`}
                    title={`seed ${episode.seed}: ${words}`}
                    onClick={() => setParams({ line: String(line) })}
                  >
                    <Look size={14} aria-hidden />
                  </button>
                );
              })}
          </div>
        </div>
      ))}
    </div>
  );
}
