import { Button, Checkbox, NumberInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { FacetCount } from "../host/types.ts";
import { Bars } from "../charts/bars.tsx";
import { setParams } from "../route/navigate.ts";
import { formatCount } from "../text/format.ts";
import { isUnfiltered, paramsOfFilter, type GridView } from "./filter-params.ts";
import { annotationWords, type AnnotationState, type EpisodeFilter } from "./filter-types.ts";
import { episodeFacets } from "./queries.ts";

function Choices({
  title,
  values,
  chosen,
  wordOf = (value) => value,
  onChange,
}: {
  title: string;
  values: readonly FacetCount[];
  chosen: readonly string[];
  wordOf?: (value: string) => string;
  onChange: (next: string[]) => void;
}) {
  const [shown, setShown] = useState(8);
  const missing = chosen
    .filter((value) => !values.some((facet) => facet.value === value))
    .map((value) => ({ value, n: 0 }));
  const all = [...values, ...missing];
  return (
    <fieldset className="filter-choices">
      <legend className="panel-title">{title}</legend>
      {all.slice(0, shown).map(({ value, n }) => (
        <div key={value} className="filter-choice">
          <Checkbox
            label={wordOf(value) || "(no instruction)"}
            checked={chosen.includes(value)}
            onChange={(event) =>
              onChange(event.currentTarget.checked ? [...chosen, value] : chosen.filter((other) => other !== value))
            }
          />
          <span className="number secondary small">{formatCount(n)}</span>
        </div>
      ))}
      {all.length > shown && (
        <Button variant="subtle" size="compact-xs" onClick={() => setShown(shown + 40)}>
          Show {formatCount(Math.min(40, all.length - shown))} more
        </Button>
      )}
    </fieldset>
  );
}

/** Conditions on the episodes, each with how many episodes it would keep. */
export function Filters({
  datasetId,
  view,
  nTotal,
}: {
  datasetId: string;
  view: GridView;
  nTotal: number | undefined;
}) {
  const { data } = useQuery(episodeFacets(datasetId, view.filter, nTotal));
  const change = (filter: Partial<EpisodeFilter>) =>
    setParams(paramsOfFilter({ ...view, filter: { ...view.filter, ...filter } }));
  const { filter } = view;
  if (data === undefined)
    return (
      <div className="panel-section">
        {[0, 1, 2, 3, 4].map((row) => (
          <div key={row} className="skeleton dataset-skeleton" />
        ))}
      </div>
    );
  const frames = (text: string | number) => (text === "" ? undefined : Number(text));
  return (
    <section className="panel-section filters" aria-label="Filters">
      {!isUnfiltered(filter) && (
        <Button fullWidth onClick={() => setParams({ q: "", tasks: "", splits: "", annotation: "", min: "", max: "" })}>
          Clear filters
        </Button>
      )}
      {data.annotation.length > 1 || filter.annotation.length > 0 ? (
        <Choices
          title="Annotation"
          values={data.annotation}
          chosen={filter.annotation}
          wordOf={(value) => annotationWords[value as AnnotationState]}
          onChange={(annotation) => change({ annotation: annotation as AnnotationState[] })}
        />
      ) : null}
      <Choices title="Split" values={data.splits} chosen={filter.splits} onChange={(splits) => change({ splits })} />
      <Choices
        title={`Task (${formatCount(data.nTasks)})`}
        values={data.tasks}
        chosen={filter.tasks}
        onChange={(tasks) => change({ tasks })}
      />
      <fieldset className="filter-choices">
        <legend className="panel-title">Length in frames</legend>
        <Bars histogram={data.lengths} label="Episodes by length" heightPx={40} />
        <div className="filter-range">
          <NumberInput
            aria-label="Shortest, frames"
            placeholder="from"
            min={0}
            hideControls
            value={filter.minFrames ?? ""}
            onChange={(value) => change({ minFrames: frames(value) })}
          />
          <NumberInput
            aria-label="Longest, frames"
            placeholder="to"
            min={0}
            hideControls
            value={filter.maxFrames ?? ""}
            onChange={(value) => change({ maxFrames: frames(value) })}
          />
        </div>
      </fieldset>
    </section>
  );
}
