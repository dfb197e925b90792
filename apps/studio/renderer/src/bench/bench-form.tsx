import { Button, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { IconEye, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import type { BenchEpisodeKey, BenchOptions, Player } from "../host/types.ts";
import { policyList } from "../playground/queries.ts";
import { navigate } from "../route/navigate.ts";
import { useRemembered } from "../store/remembered.ts";
import { playerChoices, playerOf } from "./player-choice.ts";
import { benchChoices } from "./queries.ts";

/** One episode to watch. */
export interface WatchChoice {
  readonly player: Player;
  readonly episode: BenchEpisodeKey;
  readonly options: Partial<BenchOptions>;
  /** Least time between two env steps, ms; `isPaused` waits for the user before the first. */
  readonly stepMs: number;
  readonly isPaused: boolean;
}

/** How a watched episode is paced. WidowX is driven at 5 Hz. */
const paces = { "real time": 200, fast: 0, "step by step": 200 } as const;

/** Who plays what: to watch one episode, or to launch an evaluation over tasks, variants and seeds. */
export function BenchForm({ onWatch }: { onWatch: (choice: WatchChoice) => void }) {
  const { data: choices } = useQuery(benchChoices());
  const { data: policies = [] } = useQuery(policyList());
  const [who, setWho] = useRemembered("bench/player", "expert");
  const [server, setServer] = useRemembered("bench/server", "ws://127.0.0.1:8000");
  const [embodiment, setEmbodiment] = useRemembered<"widowx" | "google-robot">("bench/embodiment", "widowx");
  const [tasks, setTasks] = useRemembered<string[]>("bench/tasks", ["pick"]);
  const [variants, setVariants] = useRemembered<string[]>("bench/variants", ["base"]);
  const [maskSource, setMaskSource] = useRemembered("bench/mask", "exact");
  const [promptKind, setPromptKind] = useRemembered<BenchOptions["promptKind"]>("bench/prompt", "mask");
  const [seed, setSeed] = useRemembered("bench/seed", 0);
  const [pace, setPace] = useRemembered<keyof typeof paces>("bench/pace", "real time");
  const [nEpisodes, setEpisodes] = useRemembered("bench/episodes", 20);
  const known = who.startsWith("run:") ? policies.some(({ runId }) => who === `run:${runId}`) : true;
  const value = known ? who : "expert";
  const player = useMemo(() => playerOf(value, server), [value, server]);
  const options = { maskSource, promptKind };
  const launch = useMutation({
    mutationFn: () =>
      host.bench.launch.mutate({ player, embodiment, tasks, variants, nEpisodes, firstSeed: seed, options }),
    onSuccess: ({ runId }) => {
      void queryClient.invalidateQueries({ queryKey: ["runs.list"] });
      navigate({ view: "evaluation", runId });
    },
  });
  const isReady = tasks.length > 0 && variants.length > 0;
  return (
    <form
      className="panel-section bench-form"
      aria-label="Rollouts"
      onSubmit={(event) => {
        event.preventDefault();
        const [task, variant] = [tasks[0], variants[0]];
        if (task !== undefined && variant !== undefined)
          onWatch({
            player,
            episode: { embodiment, task, variant, seed },
            options,
            stepMs: paces[pace],
            isPaused: pace === "step by step",
          });
      }}
    >
      <Select
        label="Policy"
        data={playerChoices(policies)}
        value={value}
        onChange={(next) => next !== null && setWho(next)}
        searchable
      />
      {value === "server" && (
        <TextInput
          label="Address"
          description={
            <>
              ws://HOST:PORT (openpi) or http://HOST:PORT/act (OpenVLA);{" "}
              <a href="#/playground/server">draw its prompt</a>
            </>
          }
          value={server}
          onChange={(event) => setServer(event.currentTarget.value)}
        />
      )}
      <Select
        label="Robot"
        data={["widowx", "google-robot"]}
        value={embodiment}
        onChange={(next) => next !== null && setEmbodiment(next)}
      />
      <MultiSelect
        label="Tasks"
        data={choices?.tasks.map(({ name }) => name) ?? []}
        value={tasks}
        onChange={setTasks}
        hidePickedOptions
      />
      <MultiSelect
        label="Variants"
        data={choices?.variants.map(({ name }) => name) ?? []}
        value={variants}
        onChange={setVariants}
        hidePickedOptions
      />
      <div className="bench-pair">
        <Select
          label="Mask source"
          data={[...(choices?.maskSources ?? [])]}
          value={maskSource}
          onChange={(next) => next !== null && setMaskSource(next)}
        />
        <Select
          label="Prompt"
          data={["point", "line", "box", "mask"]}
          value={promptKind}
          onChange={(next) => next !== null && setPromptKind(next)}
        />
      </div>
      <div className="bench-pair">
        <NumberInput
          label="First seed"
          min={0}
          value={seed}
          onChange={(next) => typeof next === "number" && setSeed(next)}
        />
        <NumberInput
          label="Episodes a cell"
          min={1}
          max={10_000}
          value={nEpisodes}
          onChange={(next) => typeof next === "number" && setEpisodes(next)}
        />
      </div>
      <Select
        label="Pace of watching"
        data={Object.keys(paces)}
        value={pace}
        onChange={(next) => next !== null && setPace(next as keyof typeof paces)}
      />
      <div className="bench-acts">
        <Button type="submit" variant="filled" leftSection={<IconEye size={14} />} disabled={!isReady}>
          Watch one
        </Button>
        <Button
          leftSection={<IconPlayerPlay size={14} />}
          disabled={!isReady}
          loading={launch.isPending}
          onClick={() => launch.mutate()}
        >
          Evaluate
        </Button>
      </div>
      {launch.error && <ProblemPanel compact problem={problemOf(launch.error)} />}
    </form>
  );
}
