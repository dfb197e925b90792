import { Button, Select, TextInput } from "@mantine/core";
import { IconDeviceFloppy, IconPlayerPlay, IconSchema } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useState } from "react";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { showToast } from "../feedback/toasts.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import type { PolicyPart } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";
import { LaunchPanel } from "../runs/launch-panel.tsx";
import { recipeList } from "../runs/queries.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { useRemembered } from "../store/remembered.ts";
import { CostBar } from "./cost-bar.tsx";
import { partNames } from "./layout.ts";
import { PartInspector } from "./part-inspector.tsx";
import { PolicyGraph } from "./policy-graph.tsx";
import { composition as compositionOf } from "./queries.ts";
import { RecipeDesk } from "./recipe-desk.tsx";
import "../datasets/datasets.css";
import "../runs/runs.css";
import "./compose.css";

/** Room "Compose": a recipe as a graph of parts and as text, each following the other. */
export function ComposeRoom({ params }: { params: Readonly<Record<string, string>> }) {
  const { data: recipes } = useQuery(recipeList());
  const usable = (recipes ?? []).filter(({ kind, problem }) => kind === "train" && problem === undefined);
  const [base, setBase] = useRemembered("compose/base", "");
  const [text, setText] = useRemembered("compose/text", "");
  const [name, setName] = useRemembered("compose/name", "");
  const settled = useDeferredValue(text);
  const { data: composition, error } = useQuery(compositionOf(settled));
  const part = partNames.find((one) => one === params["part"]);
  const [problem, setProblem] = useState<ReturnType<typeof problemOf>>();
  const launch = params["launch"];

  function open(recipe: string) {
    const found = usable.find((one) => one.name === recipe);
    if (found === undefined) return;
    setBase(recipe);
    setText(found.text);
    setName(found.source === "workspace" ? recipe : `my-${recipe}`);
    setParams({ launch: "", recipe: "" });
  }
  useEffect(() => {
    const wanted = params["recipe"];
    if (wanted !== undefined && usable.some((one) => one.name === wanted)) open(wanted);
    else if (text === "" && usable.length > 0)
      open((usable.find((one) => one.name === "pixelvla-openvla-tiny") ?? usable[0]!).name);
  }, [recipes, params["recipe"]]);

  const edit = (path: readonly string[], value: string | null) =>
    host.compose.edit.query({ text, path: [...path], value }).then(
      (answer) => {
        setProblem(undefined);
        setText(answer.text);
      },
      (failure: unknown) => setProblem(problemOf(failure)),
    );
  const save = useMutation({
    mutationFn: () => host.compose.save.mutate({ name, text }),
    onSuccess: ({ recipe }) => {
      void queryClient.invalidateQueries({ queryKey: ["runs.recipes"] });
      showToast({ kind: "ok", text: `Saved as recipes/${recipe}.yaml of the workspace.` });
    },
  });

  if (recipes !== undefined && usable.length === 0 && text === "")
    return (
      <main className="subject">
        <EmptyState icon={<IconSchema size={36} stroke={1.3} />} title="Compose" command="pixelvla recipe show NAME">
          Compose a policy from interchangeable parts. No recipe was found to begin with.
        </EmptyState>
      </main>
    );
  const card = composition?.parts.find((one) => one.part === part);
  const shownProblem = problem ?? composition?.problem ?? (error ? problemOf(error) : undefined);
  return (
    <RoomLayout
      id="compose"
      main={
        <>
          <div className="toolbar">
            <Select
              aria-label="Begin with"
              w={230}
              searchable
              data={usable.map((one) => one.name)}
              value={base === "" ? null : base}
              onChange={(next) => next !== null && open(next)}
            />
            <Select
              aria-label="Stage"
              w={150}
              data={(composition?.stages ?? []).map((stage) => ({
                value: stage.name,
                label: stage.name,
                disabled: stage.problem !== undefined,
              }))}
              value={composition?.stage ?? null}
              onChange={(stage) => stage !== null && void edit(["training", "stage"], stage)}
            />
            <span className="secondary small truncate toolbar-task">
              {composition?.stages.find((stage) => stage.name === composition.stage)?.summary ?? ""}
            </span>
            <div className="toolbar-space" />
            <TextInput
              aria-label="Name of the recipe"
              w={190}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button
              leftSection={<IconDeviceFloppy size={14} />}
              loading={save.isPending}
              disabled={name === "" || text === ""}
              onClick={() => save.mutate()}
            >
              Save
            </Button>
            <Button
              variant="filled"
              leftSection={<IconPlayerPlay size={14} />}
              disabled={name === "" || composition?.problem !== undefined}
              onClick={() =>
                save.mutate(undefined, { onSuccess: ({ recipe }) => setParams({ launch: `recipe:${recipe}` }) })
              }
            >
              Launch…
            </Button>
          </div>
          {composition && <CostBar composition={composition} />}
          {composition ? (
            <PolicyGraph
              composition={composition}
              selected={part}
              onSelect={(next: PolicyPart | undefined) => setParams({ part: next ?? "", launch: "" })}
            />
          ) : (
            <div className="skeleton policy-graph" />
          )}
          {(shownProblem ?? save.error) && (
            <div className="compose-problem">
              <ProblemPanel compact problem={shownProblem ?? problemOf(save.error)} />
            </div>
          )}
        </>
      }
      timelineHeightPx={330}
      timeline={<RecipeDesk text={text} onText={setText} recipes={usable.map((one) => one.name)} base={base} />}
      inspectorLabel={launch === undefined ? "Part" : "New run"}
      inspector={
        launch !== undefined ? (
          <LaunchPanel key={launch} from={launch} />
        ) : card !== undefined ? (
          <PartInspector text={settled} part={card} onText={setText} onEdit={(path, value) => void edit(path, value)} />
        ) : (
          <p className="panel-section secondary small">
            Choose a card of the graph to see what else fits in its place, and its options. Frozen parts are hatched,
            trained ones solid; a notch marks LoRA adapters.
          </p>
        )
      }
    />
  );
}
