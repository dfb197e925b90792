import { Checkbox, Select } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { datasetList } from "../../datasets/queries.ts";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import { ChangesField, choices, LaunchForm, NameField, RecipeText } from "../../launch/launch-form.tsx";
import { navigate } from "../../route/navigate.ts";
import { DoctorList } from "../../runs/doctor-list.tsx";
import { parseOverrides } from "../../runs/overrides.ts";

/** Starts an annotation job: dataset, recipe, changes, and what would stop it. */
export function AnnotateLaunch() {
  const { data: recipes = [] } = useQuery({
    queryKey: ["annotate.recipes"],
    queryFn: () => host.annotate.recipes.query(),
  });
  const { data: datasets = [] } = useQuery(datasetList());
  const [chosenRecipe, setRecipe] = useState<string>();
  const [chosenDataset, setDataset] = useState<string>();
  const [name, setName] = useState("");
  const [changes, setChanges] = useState("");
  const [intoDataset, setIntoDataset] = useState(false);
  const [isOverFail, setIsOverFail] = useState(false);
  const recipe = chosenRecipe ?? (recipes.find((one) => one.name === "annotate-embedded") ?? recipes[0])?.name;
  const datasetId = chosenDataset ?? datasets[0]?.datasetId;
  const { overrides, errors } = useMemo(() => parseOverrides(changes), [changes]);
  const request = {
    recipe: recipe ?? "",
    datasetId: datasetId ?? "",
    ...(name === "" ? {} : { name }),
    overrides,
    intoDataset,
    launchOverFail: isOverFail,
  };
  const canAsk = recipe !== undefined && datasetId !== undefined && errors.length === 0;
  const check = useQuery({
    queryKey: ["annotate.check", recipe, datasetId, overrides],
    queryFn: () => host.annotate.check.query(request),
    enabled: canAsk,
  });
  const launch = useMutation({
    mutationFn: () => host.annotate.launch.mutate(request),
    onSuccess: async ({ runId }) => {
      await queryClient.invalidateQueries({ queryKey: ["annotate.stores"] });
      navigate({ view: "annotation-job", storeId: runId });
    },
  });
  const chosen = recipes.find((one) => one.name === recipe);
  return (
    <LaunchForm
      title="New annotation job"
      label="New annotation job"
      action="Annotate"
      fails={check.data?.some(({ level }) => level === "fail") === true}
      isOverFail={isOverFail}
      onOverFail={setIsOverFail}
      isBlocked={!canAsk}
      launch={launch}
      fields={
        <>
          <Select
            label="Dataset"
            searchable
            data={choices(datasets, (one) => one.datasetId)}
            value={datasetId ?? null}
            onChange={(next) => setDataset(next ?? undefined)}
          />
          <Select
            label="Recipe"
            data={choices(recipes, (one) => one.name)}
            value={recipe ?? null}
            onChange={(next) => setRecipe(next ?? undefined)}
            {...(chosen === undefined ? {} : { description: chosen.description })}
          />
          <NameField value={name} placeholder="made from the dataset's" onChange={setName} />
          <ChangesField
            value={changes}
            placeholder={"detection.threshold = 0.3\nprompts.points = 5"}
            error={errors[0]}
            onChange={setChanges}
          />
          <Checkbox
            mt={8}
            label="Write beside the dataset, where training reads it"
            checked={intoDataset}
            onChange={(event) => setIntoDataset(event.currentTarget.checked)}
          />
        </>
      }
    >
      <section className="panel-section">
        <h2 className="panel-title">
          <span className="with-icon">
            <IconStethoscope size={14} aria-hidden /> Checks
          </span>
        </h2>
        {check.error && <ProblemPanel compact problem={problemOf(check.error)} onRetry={() => void check.refetch()} />}
        {check.data && <DoctorList checks={check.data} />}
      </section>
      {chosen && <RecipeText text={chosen.text} />}
    </LaunchForm>
  );
}
