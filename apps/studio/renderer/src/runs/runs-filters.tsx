import { Button, Checkbox, TextInput } from "@mantine/core";
import { IconPlus, IconSearch, IconTable } from "@tabler/icons-react";
import { setParams } from "../route/navigate.ts";
import { runKindNames, runStateNames, type RunQuery } from "./run-params.ts";

function Toggles({
  title,
  names,
  chosen,
  param,
}: {
  title: string;
  names: readonly string[];
  chosen: readonly string[];
  param: string;
}) {
  return (
    <fieldset className="filter-choices">
      <legend className="panel-title">{title}</legend>
      <div className="filter-columns">
        {names.map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={chosen.includes(name)}
            onChange={(event) =>
              setParams({
                [param]: (event.currentTarget.checked
                  ? [...chosen, name]
                  : chosen.filter((other) => other !== name)
                ).join(","),
              })
            }
          />
        ))}
      </div>
    </fieldset>
  );
}

/** The way to start a run, conditions on the table, and which metrics are drawn. */
export function RunsFilters({
  query,
  keys,
  shown,
  onShown,
}: {
  query: RunQuery;
  keys: readonly string[];
  shown: readonly string[];
  onShown: (keys: string[]) => void;
}) {
  return (
    <section className="panel-section filters" aria-label="Filters">
      <Button
        fullWidth
        variant="filled"
        mb={8}
        leftSection={<IconPlus size={14} />}
        onClick={() => setParams({ launch: "new" })}
      >
        New run
      </Button>
      <Button fullWidth mb={12} leftSection={<IconTable size={14} />} onClick={() => setParams({ launch: "sweep" })}>
        New ablation
      </Button>
      <TextInput
        mb={16}
        id="run-search"
        aria-label="Search runs"
        placeholder="Name, recipe, dataset, change"
        leftSection={<IconSearch size={14} />}
        value={query.search}
        onChange={(event) => setParams({ q: event.currentTarget.value })}
      />
      <Toggles title="State" names={runStateNames} chosen={query.states} param="states" />
      <Toggles title="Kind" names={runKindNames} chosen={query.kinds} param="kinds" />
      {keys.length > 0 && (
        <fieldset className="filter-choices">
          <legend className="panel-title">Curves</legend>
          {keys.map((key) => (
            <div key={key} className="filter-choice">
              <Checkbox
                label={key}
                checked={shown.includes(key)}
                onChange={(event) =>
                  onShown(
                    event.currentTarget.checked
                      ? keys.filter((other) => shown.includes(other) || other === key)
                      : shown.filter((other) => other !== key),
                  )
                }
              />
            </div>
          ))}
        </fieldset>
      )}
    </section>
  );
}
