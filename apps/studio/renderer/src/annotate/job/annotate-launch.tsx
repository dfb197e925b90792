import { ActionIcon, Button, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { IconPlayerPlay, IconStethoscope, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { datasetList } from "../../datasets/queries.ts";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import { navigate, setParams } from "../../route/navigate.ts";
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
  const fails = check.data?.some(({ level }) => level === "fail") === true;
  const launch = useMutation({
    mutationFn: () => host.annotate.launch.mutate(request),
    onSuccess: async ({ runId }) => {
      await queryClient.invalidateQueries({ queryKey: ["annotate.stores"] });
      navigate({ view: "annotation-job", storeId: runId });
    },
  });
  const chosen = recipes.find((one) => one.name === recipe);
  return (
    <form
      className="launch"
      aria-label="New annotation job"
      onSubmit={(event) => {
        event.preventDefault();
        launch.mutate();
      }}
    >
      <section className="panel-section">
        <h2 className="panel-title launch-title">
          New annotation job
          <ActionIcon size={24} aria-label="Close" onClick={() => setParams({ launch: "" })}>
            <IconX size={14} />
          </ActionIcon>
        </h2>
        <Select
          label="Dataset"
          searchable
          data={datasets.map((one) => ({ value: one.datasetId, label: one.name, disabled: one.problem !== undefined }))}
          value={datasetId ?? null}
          onChange={(next) => setDataset(next ?? undefined)}
        />
        <Select
          label="Recipe"
          data={recipes.map((one) => ({ value: one.name, label: one.name, disabled: one.problem !== undefined }))}
          value={recipe ?? null}
          onChange={(next) => setRecipe(next ?? undefined)}
          {...(chosen === undefined ? {} : { description: chosen.description })}
        />
        <TextInput
          label="Name"
          placeholder="made from the dataset's"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Changes"
          description="One a line: path = value"
          placeholder={"detection.threshold = 0.3\nprompts.points = 5"}
          autosize
          minRows={2}
          maxRows={10}
          value={changes}
          onChange={(event) => setChanges(event.currentTarget.value)}
          error={errors[0]}
          classNames={{ input: "mono" }}
        />
        <Checkbox
          mt={8}
          label="Write beside the dataset, where training reads it"
          checked={intoDataset}
          onChange={(event) => setIntoDataset(event.currentTarget.checked)}
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
          disabled={!canAsk || (fails && !isOverFail)}
        >
          Annotate
        </Button>
        {launch.error && <ProblemPanel compact problem={problemOf(launch.error)} />}
      </section>
      <section className="panel-section">
        <h2 className="panel-title">
          <span className="with-icon">
            <IconStethoscope size={14} aria-hidden /> Checks
          </span>
        </h2>
        {check.error && <ProblemPanel compact problem={problemOf(check.error)} onRetry={() => void check.refetch()} />}
        {check.data && <DoctorList checks={check.data} />}
      </section>
      {chosen && (
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
