import { ActionIcon, Button, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { IconPlayerPlay, IconStethoscope, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { datasetList } from "../datasets/queries.ts";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { showToast } from "../feedback/toasts.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import { navigate, setParams } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { DoctorList } from "./doctor-list.tsx";
import { parseOverrides } from "./overrides.ts";
import { recipeList, runDetail } from "./queries.ts";

/** Starts a run: recipe, dataset, changes and the doctor's word on them. `from` is `new`, `recipe:NAME` or `clone:RUN_ID`. */
export function LaunchPanel({ from }: { from: string }) {
  const cloned = from.startsWith("clone:") ? from.slice("clone:".length) : undefined;
  const { data: allRecipes = [], error: recipesError } = useQuery(recipeList());
  const recipes = useMemo(() => allRecipes.filter(({ kind }) => kind === "train"), [allRecipes]);
  const { data: datasets = [] } = useQuery(datasetList());
  const { data: source } = useQuery({ ...runDetail(cloned ?? ""), enabled: cloned !== undefined });
  const named = from.startsWith("recipe:") ? from.slice("recipe:".length) : null;
  const [recipe, setRecipe] = useState<string | null>(named);
  const [datasetId, setDatasetId] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [changes, setChanges] = useState("");
  const [isOverFail, setIsOverFail] = useState(false);
  useEffect(() => {
    const only = recipes.filter(({ problem }) => problem === undefined);
    const first = only.find((one) => one.name.endsWith("-tiny")) ?? only[0];
    if (recipe === null && first !== undefined) setRecipe(first.name);
  }, [recipes, recipe]);
  useEffect(() => {
    if (datasetId === null && datasets.length > 0) setDatasetId(datasets[0]!.datasetId);
  }, [datasets, datasetId]);

  const { overrides, errors } = useMemo(() => parseOverrides(changes), [changes]);
  const request = useMemo(
    () => ({
      recipe: recipe ?? "",
      ...(datasetId === null ? {} : { datasetId }),
      ...(name === "" ? {} : { name }),
      overrides,
      launchOverFail: isOverFail,
    }),
    [recipe, datasetId, name, overrides, isOverFail],
  );
  const canAsk = cloned === undefined && recipe !== null && errors.length === 0;
  const doctor = useQuery({
    queryKey: ["runs.doctor", recipe, datasetId, overrides],
    queryFn: () => host.runs.doctor.query(request),
    enabled: canAsk,
  });
  const fails = doctor.data?.some(({ level }) => level === "fail") === true;
  const launch = useMutation({
    mutationFn: () =>
      cloned === undefined
        ? host.runs.launch.mutate(request)
        : host.runs.clone.mutate({
            runId: cloned,
            ...(name === "" ? {} : { name }),
            overrides,
            launchOverFail: isOverFail,
          }),
    onSuccess: ({ runId }) => {
      showToast({
        kind: "ok",
        text: "The run is queued.",
        link: { label: "Open", href: formatRoute({ view: "run", runId }) },
      });
      void queryClient.invalidateQueries({ queryKey: ["runs.list"] });
      navigate({ view: "run", runId });
    },
  });
  const chosen = recipes.find((one) => one.name === recipe);
  return (
    <form
      className="launch"
      aria-label={cloned === undefined ? "New run" : "Clone a run"}
      onSubmit={(event) => {
        event.preventDefault();
        launch.mutate();
      }}
    >
      <section className="panel-section">
        <h2 className="panel-title launch-title">
          {cloned === undefined ? "New run" : `Clone ${source?.name ?? ""}`}
          <ActionIcon size={24} aria-label="Close" onClick={() => setParams({ launch: "" })}>
            <IconX size={14} />
          </ActionIcon>
        </h2>
        {recipesError && <ProblemPanel compact problem={problemOf(recipesError)} />}
        {cloned === undefined && (
          <>
            <Select
              label="Recipe"
              data={recipes.map((one) => ({ value: one.name, label: one.name, disabled: one.problem !== undefined }))}
              value={recipe}
              onChange={setRecipe}
              searchable
              placeholder={recipes.length === 0 ? "no recipe found" : "choose"}
              {...(chosen === undefined ? {} : { description: chosen.description })}
            />
            <Select
              label="Dataset"
              data={datasets.map((one) => ({
                value: one.datasetId,
                label: one.name,
                disabled: one.problem !== undefined,
              }))}
              value={datasetId}
              onChange={setDatasetId}
              searchable
              placeholder="choose"
            />
          </>
        )}
        <TextInput
          label="Name"
          placeholder="made from recipe and time"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Changes"
          description="One a line: path = value"
          placeholder={"training.steps = 400\ntraining.batchSize = 8"}
          autosize
          minRows={3}
          maxRows={12}
          value={changes}
          onChange={(event) => setChanges(event.currentTarget.value)}
          error={errors[0]}
          classNames={{ input: "mono" }}
        />
        {fails && (
          <Checkbox
            mt={8}
            label="Launch although a check fails"
            checked={isOverFail}
            onChange={(event) => setIsOverFail(event.currentTarget.checked)}
          />
        )}
        <Button
          type="submit"
          fullWidth
          variant="filled"
          mt={12}
          leftSection={<IconPlayerPlay size={14} />}
          loading={launch.isPending}
          disabled={errors.length > 0 || (cloned === undefined && recipe === null) || (fails && !isOverFail)}
        >
          Launch
        </Button>
        {launch.error && <ProblemPanel compact problem={problemOf(launch.error)} />}
      </section>
      {cloned === undefined && (
        <section className="panel-section">
          <h2 className="panel-title">
            <span className="with-icon">
              <IconStethoscope size={14} aria-hidden /> Doctor
            </span>
          </h2>
          {doctor.isFetching && doctor.data === undefined && (
            <p className="secondary small">Checking recipe and dataset…</p>
          )}
          {doctor.error && (
            <ProblemPanel compact problem={problemOf(doctor.error)} onRetry={() => void doctor.refetch()} />
          )}
          {doctor.data && <DoctorList checks={doctor.data} />}
        </section>
      )}
      {chosen && cloned === undefined && (
        <section className="panel-section">
          <h2 className="panel-title">Recipe</h2>
          <pre className="recipe-text mono" tabIndex={0} aria-label="Text of the recipe">
            {chosen.text}
          </pre>
        </section>
      )}
    </form>
  );
}
