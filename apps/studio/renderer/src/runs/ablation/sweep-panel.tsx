import { ActionIcon, Button, Checkbox, MultiSelect, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPlay, IconStethoscope, IconX } from "@tabler/icons-react";
import { keepPreviousData, queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { datasetList } from "../../datasets/queries.ts";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { showToast } from "../../feedback/toasts.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import type { SweepFile, SweepLaunch } from "../../host/types.ts";
import { navigate, setParams } from "../../route/navigate.ts";
import { formatRoute } from "../../route/route.ts";
import { DoctorList } from "../doctor-list.tsx";
import { parseOverrides } from "../overrides.ts";
import { parseSeeds } from "./seeds.ts";
import { SweepCostView } from "./sweep-cost.tsx";

const sweepFiles = () => queryOptions({ queryKey: ["sweeps.files"], queryFn: () => host.sweeps.files.query() });

const sweepPreview = (request: SweepLaunch) =>
  queryOptions({
    queryKey: ["sweeps.preview", { ...request, name: undefined, launchOverFail: undefined }],
    queryFn: ({ signal }) => host.sweeps.preview.query(request, { signal }),
    placeholderData: keepPreviousData,
  });

/** Starts an ablation: sweep file, dataset, what is changed about it, what it comes to, and the doctor's word on it. */
export function SweepPanel() {
  const { data: files = [], error: filesError } = useQuery(sweepFiles());
  const { data: datasets = [] } = useQuery(datasetList());
  const [chosen, setChosen] = useState<string>();
  const [dataset, setDataset] = useState<string>();
  const [families, setFamilies] = useState<readonly string[]>([]);
  const [seedText, setSeedText] = useState("");
  const [episodes, setEpisodes] = useState<number>();
  const [name, setName] = useState("");
  const [changes, setChanges] = useState("");
  const [isOverFail, setIsOverFail] = useState(false);

  const file = files.find((one) => one.name === chosen) ?? files.find(({ problem }) => problem === undefined);
  const datasetId = dataset ?? datasets.find(({ problem }) => problem === undefined)?.datasetId;
  const { overrides, errors } = useMemo(() => parseOverrides(changes), [changes]);
  const { seeds, error: seedError } = useMemo(() => parseSeeds(seedText), [seedText]);
  const request = useMemo<SweepLaunch>(
    () => ({
      sweep: file?.name ?? "",
      ...(datasetId === undefined ? {} : { datasetId }),
      ...(name === "" ? {} : { name }),
      ...(families.length === 0 ? {} : { families: [...families] }),
      ...(seeds.length === 0 ? {} : { seeds }),
      ...(episodes === undefined ? {} : { episodes }),
      overrides,
      launchOverFail: isOverFail,
    }),
    [file, datasetId, name, families, seeds, episodes, overrides, isOverFail],
  );
  const [asked] = useDebouncedValue(request, 250);
  const isReadable = errors.length === 0 && seedError === undefined;
  const preview = useQuery({
    ...sweepPreview(asked),
    enabled: asked.sweep !== "" && isReadable && file?.problem === undefined,
  });
  const fails = preview.data?.checks.some(({ level }) => level === "fail") === true;
  const launch = useMutation({
    mutationFn: () => host.sweeps.launch.mutate(request),
    onSuccess: ({ runId }) => {
      const href = formatRoute({ view: "ablation", runId });
      showToast({ kind: "ok", text: "The sweep is queued.", link: { label: "Open", href } });
      void queryClient.invalidateQueries({ queryKey: ["runs.list"] });
      navigate({ view: "ablation", runId });
    },
  });
  return (
    <form
      className="launch"
      aria-label="New ablation"
      onSubmit={(event) => {
        event.preventDefault();
        launch.mutate();
      }}
    >
      <section className="panel-section">
        <h2 className="panel-title launch-title">
          New ablation
          <ActionIcon size={24} aria-label="Close" onClick={() => setParams({ launch: "" })}>
            <IconX size={14} />
          </ActionIcon>
        </h2>
        {filesError && <ProblemPanel compact problem={problemOf(filesError)} />}
        <Select
          label="Sweep"
          data={files.map((one) => ({ value: one.name, label: one.name, disabled: one.problem !== undefined }))}
          value={file?.name ?? null}
          onChange={(next) => {
            setChosen(next ?? undefined);
            setFamilies([]);
          }}
          searchable
          placeholder={files.length === 0 ? "no sweep file found" : "choose"}
          description={file?.title ?? "Files in recipes/sweeps of the workspace appear here"}
        />
        {file?.problem && <ProblemPanel compact problem={file.problem} />}
        <Select
          label="Dataset"
          data={datasets.map((one) => ({
            value: one.datasetId,
            label: one.name,
            disabled: one.problem !== undefined,
          }))}
          value={datasetId ?? null}
          onChange={(next) => setDataset(next ?? undefined)}
          searchable
          placeholder="choose"
        />
        <MultiSelect
          label="Policy families"
          data={[...(file?.families ?? [])]}
          value={[...families]}
          onChange={setFamilies}
          placeholder={families.length === 0 ? "all" : ""}
          hidePickedOptions
        />
        <div className="sweep-pair">
          <TextInput
            label="Training seeds"
            placeholder={file?.seeds.join(", ") ?? ""}
            value={seedText}
            onChange={(event) => setSeedText(event.currentTarget.value)}
            error={seedError}
          />
          <NumberInput
            label="Episodes a variant"
            placeholder={String(file?.episodes ?? "")}
            min={1}
            max={10_000}
            value={episodes ?? ""}
            onChange={(next) => setEpisodes(typeof next === "number" ? next : undefined)}
          />
        </div>
        <TextInput
          label="Name"
          placeholder={file?.name ?? ""}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Changes"
          description="Of every stage, one a line: path = value"
          placeholder="training.steps = 100"
          autosize
          minRows={2}
          maxRows={8}
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
          disabled={file === undefined || file.problem !== undefined || !isReadable || (fails && !isOverFail)}
        >
          Launch
        </Button>
        {launch.error && <ProblemPanel compact problem={problemOf(launch.error)} />}
      </section>
      <section className="panel-section" data-testid="sweep-preview" data-busy={preview.isFetching}>
        <h2 className="panel-title">What it comes to</h2>
        {preview.data?.plan !== undefined ? (
          <SweepCostView plan={preview.data.plan} />
        ) : (
          <p className="secondary small">{preview.isFetching ? "Spelling the sweep out…" : "Not known yet."}</p>
        )}
        {preview.error && (
          <ProblemPanel compact problem={problemOf(preview.error)} onRetry={() => void preview.refetch()} />
        )}
      </section>
      {preview.data && (
        <section className="panel-section">
          <h2 className="panel-title">
            <span className="with-icon">
              <IconStethoscope size={14} aria-hidden /> Doctor
            </span>
          </h2>
          <DoctorList checks={preview.data.checks} />
        </section>
      )}
      {file && <SweepText file={file} />}
    </form>
  );
}

function SweepText({ file }: { file: SweepFile }) {
  return (
    <section className="panel-section">
      <h2 className="panel-title">Sweep file</h2>
      {file.description !== "" && <p className="secondary small">{file.description}</p>}
      <pre className="recipe-text mono" tabIndex={0} aria-label="Text of the sweep file">
        {file.text}
      </pre>
    </section>
  );
}
