import { Select, TextInput } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Facts } from "../feedback/facts.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import type { ComposedPart } from "../host/types.ts";
import { formatBytes } from "../text/format.ts";
import { formatBig, formatFlops } from "./big-numbers.ts";
import { titles } from "./layout.ts";
import { partChoices } from "./queries.ts";

interface PartInspectorProps {
  readonly text: string;
  readonly part: ComposedPart;
  readonly onText: (text: string) => void;
  /** Sets a key of the recipe to a value given as YAML; null takes it away. */
  readonly onEdit: (path: readonly string[], value: string | null) => void;
}

/** What could stand in a part's place, which of it fits and why the rest does not, and the part's own options. */
export function PartInspector({ text, part, onText, onEdit }: PartInspectorProps) {
  const { data: choices, error, isFetching } = useQuery(partChoices(text, part.part));
  return (
    <>
      <section className="panel-section">
        <h2 className="panel-title">{titles[part.part]}</h2>
        <Facts
          facts={[
            ["Stands there", part.plugin ?? "nothing"],
            ["Parameters", formatBig(part.parameters)],
            ["Trained", formatBig(part.trainableParameters)],
            ["Forward", formatFlops(part.forwardFlops)],
            ["Backward", formatFlops(part.backwardFlops)],
            ["Weights", formatBytes(part.weightBytes)],
          ]}
        />
      </section>
      <section className="panel-section" data-testid="choices">
        <h2 className="panel-title">In its place</h2>
        {error && <ProblemPanel compact problem={problemOf(error)} />}
        {choices === undefined && isFetching && <p className="secondary small">Asking the graph builder…</p>}
        <ul className="choices">
          {choices?.map(({ plugin, isCurrent, fits, problem, text: changed, parameters }) => (
            <li key={plugin ?? "none"} data-fits={fits} data-plugin={plugin ?? "none"}>
              <button type="button" className="choice" aria-pressed={isCurrent} onClick={() => onText(changed)}>
                {fits ? <IconCheck size={14} aria-label="fits" /> : <IconX size={14} aria-label="does not fit" />}
                <strong className="truncate">{plugin ?? "none"}</strong>
                <span className="secondary number">
                  {isCurrent ? "in use" : parameters === undefined ? "" : `${formatBig(parameters)} in all`}
                </span>
              </button>
              {problem && <p className="choice-why small">{problem.message}</p>}
            </li>
          ))}
        </ul>
      </section>
      {part.part === "backbone" && part.plugin !== null && <LoraSection text={text} onEdit={onEdit} />}
      {part.options.length > 0 && (
        <section className="panel-section">
          <h2 className="panel-title">Options</h2>
          {part.options.map((option) => (
            <OptionField
              key={`${part.part} ${part.plugin} ${option.key} ${option.text ?? ""}`}
              option={option}
              onValue={(value) => onEdit([part.part, "options", option.key], value)}
            />
          ))}
        </section>
      )}
    </>
  );
}

/** One option as YAML; empty means the default. */
function OptionField({
  option,
  onValue,
}: {
  option: ComposedPart["options"][number];
  onValue: (value: string | null) => void;
}) {
  const { key, description, type, defaultText, text } = option;
  const choices = type === "boolean" ? ["true", "false"] : type.includes("|") ? type.split("|") : undefined;
  if (choices !== undefined)
    return (
      <Select
        mt={8}
        label={key}
        description={description}
        data={choices}
        value={text ?? defaultText ?? null}
        onChange={(value) => onValue(value)}
      />
    );
  const commit = (value: string) => {
    if (value.trim() !== (text ?? "")) onValue(value.trim() === "" ? null : value.trim());
  };
  return (
    <TextInput
      mt={8}
      label={key}
      description={description}
      placeholder={defaultText === undefined ? "must be given" : `${defaultText} by default`}
      defaultValue={text ?? ""}
      classNames={{ input: "mono" }}
      onBlur={(event) => commit(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget.value);
      }}
    />
  );
}

/** The backbone's low-rank adapters. */
function LoraSection({ text, onEdit }: { text: string; onEdit: PartInspectorProps["onEdit"] }) {
  const rank =
    /\blora:\s*\{?[^}\n]*?\brank:\s*(\d+)/.exec(text)?.[1] ??
    /\blora:\s*\n\s+(?:\w+:.*\n\s+)*?rank:\s*(\d+)/.exec(text)?.[1];
  const has = /^\s*lora:\s*(?!null\b|~)\S*/m.test(text);
  return (
    <section className="panel-section">
      <h2 className="panel-title">LoRA</h2>
      <Select
        aria-label="Rank of the LoRA adapters"
        data={[
          { value: "none", label: "no adapters" },
          ...[...new Set(["4", "8", "16", "32", "64", rank ?? "32"])]
            .sort((a, b) => Number(a) - Number(b))
            .map((value) => ({ value, label: `rank ${value}` })),
        ]}
        value={has ? (rank ?? "32") : "none"}
        onChange={(value) => {
          if (value === "none") onEdit(["backbone", "lora"], null);
          else if (has) onEdit(["backbone", "lora", "rank"], value);
          else onEdit(["backbone", "lora"], `{ rank: ${value ?? "32"} }`);
        }}
      />
    </section>
  );
}
