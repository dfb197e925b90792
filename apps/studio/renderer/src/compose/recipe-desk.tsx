import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import { recipeDiff } from "./queries.ts";

interface RecipeDeskProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly recipes: readonly string[];
  /** The recipe it began with, which it is compared with unless another is chosen. */
  readonly base: string;
}

/** The recipe's text, to be edited, and in which fields it differs from another recipe. */
export function RecipeDesk({ text, onText, recipes, base }: RecipeDeskProps) {
  const [against, setAgainst] = useState<string>();
  const other = against ?? base;
  const { data: differences, error } = useQuery(recipeDiff(useDeferredValue(text), other));
  return (
    <div className="recipe-desk">
      <textarea
        className="recipe-editor mono"
        aria-label="Text of the recipe"
        data-testid="recipe-text"
        spellCheck={false}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      <div className="recipe-diff" tabIndex={0} role="group" aria-label="Differences">
        <div className="recipe-diff-head small">
          <span className="secondary">Different from</span>
          <Select
            aria-label="Compare with"
            w={220}
            searchable
            data={[...recipes]}
            value={other === "" ? null : other}
            onChange={(next) => setAgainst(next ?? undefined)}
          />
        </div>
        {error ? (
          <ProblemPanel compact problem={problemOf(error)} />
        ) : differences?.length === 0 ? (
          <p className="secondary small recipe-same">The same in every field.</p>
        ) : (
          <table className="table" data-testid="recipe-diff">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">{other}</th>
                <th scope="col">Here</th>
              </tr>
            </thead>
            <tbody>
              {differences?.map(({ path, values: [before, here] }) => (
                <tr key={path}>
                  <th scope="row" className="mono">
                    {path}
                  </th>
                  <td className="mono">{before ?? <span className="secondary">absent</span>}</td>
                  <td className="mono">{here ?? <span className="secondary">absent</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
