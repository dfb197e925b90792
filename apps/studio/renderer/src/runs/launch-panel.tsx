import { Select } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { datasetList } from "../datasets/queries.ts";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { showToast } from "../feedback/toasts.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import { ChangesField, choices, LaunchForm, NameField, RecipeText } from "../launch/launch-form.tsx";
import { navigate } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { DoctorSection } from "./doctor-section.tsx";
import { parseOverrides } from "./overrides.ts";
import { recipeList, runDetail } from "./queries.ts";
import { useDoctor } from "./use-doctor.ts";

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
  const ownName = name === "" ? {} : { name };
  const examined = {
    recipe: recipe ?? "",
    ...(datasetId === null ? {} : { datasetId }),
    overrides,
  };
  const canAsk = cloned === undefined && recipe !== null && errors.length === 0;
  const doctor = useDoctor(canAsk ? examined : undefined);
  const fails = doctor.checks.some(({ level }) => level === "fail");
  const launch = useMutation({
    mutationFn: () =>
      cloned === undefined
        ? host.runs.launch.mutate({ ...examined, ...ownName, launchOverFail: isOverFail })
        : host.runs.clone.mutate({ runId: cloned, ...ownName, overrides, launchOverFail: isOverFail }),
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
    <LaunchForm
      title={cloned === undefined ? "New run" : `Clone ${source?.name ?? ""}`}
      label={cloned === undefined ? "New run" : "Clone a run"}
      action="Launch"
      fails={fails}
      isOverFail={isOverFail}
      onOverFail={setIsOverFail}
      isBlocked={errors.length > 0 || (cloned === undefined && (recipe === null || doctor.what !== undefined))}
      launch={launch}
      fields={
        <>
          {recipesError && <ProblemPanel compact problem={problemOf(recipesError)} />}
          {cloned === undefined && (
            <>
              <Select
                label="Recipe"
                data={choices(recipes, (one) => one.name)}
                value={recipe}
                onChange={setRecipe}
                searchable
                placeholder={recipes.length === 0 ? "no recipe found" : "choose"}
                {...(chosen === undefined ? {} : { description: chosen.description })}
              />
              <Select
                label="Dataset"
                data={choices(datasets, (one) => one.datasetId)}
                value={datasetId}
                onChange={setDatasetId}
                searchable
                placeholder="choose"
              />
            </>
          )}
          <NameField value={name} placeholder="made from recipe and time" onChange={setName} />
          <ChangesField
            value={changes}
            placeholder={"training.steps = 400\ntraining.batchSize = 8"}
            error={errors[0]}
            onChange={setChanges}
          />
        </>
      }
    >
      {cloned === undefined && <DoctorSection doctor={doctor} />}
      {chosen && cloned === undefined && <RecipeText text={chosen.text} />}
    </LaunchForm>
  );
}
