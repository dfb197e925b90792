import { Button } from "@mantine/core";
import { IconCopy, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { showToast } from "../feedback/toasts.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import type { RunCommand, RunDetail } from "../host/types.ts";
import { setParams } from "../route/navigate.ts";

const looks = {
  pause: { label: "Pause", icon: IconPlayerPause },
  resume: { label: "Resume", icon: IconPlayerPlay },
  stop: { label: "Stop", icon: IconPlayerStop },
};

/** Drops a command file for a run and says what came of it. */
export function useRunCommand(runId: string) {
  return useMutation({
    mutationFn: (command: RunCommand) => host.runs.command.mutate({ runId, command }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["runs.get", runId] });
      void queryClient.invalidateQueries({ queryKey: ["runs.list"] });
    },
    onError: (error) => showToast({ kind: "fail", text: problemOf(error).message }),
  });
}

/** The commands that make sense for the run now, and the copy of it. */
export function RunCommands({ run }: { run: RunDetail }) {
  const command = useRunCommand(run.runId);
  return (
    <div className="run-commands">
      {run.commands.map((name) => {
        const { label, icon: Icon } = looks[name];
        return (
          <Button
            key={name}
            leftSection={<Icon size={14} />}
            loading={command.isPending && command.variables === name}
            onClick={() => command.mutate(name)}
          >
            {label}
          </Button>
        );
      })}
      <Button leftSection={<IconCopy size={14} />} onClick={() => setParams({ launch: `clone:${run.runId}` })}>
        Clone
      </Button>
    </div>
  );
}
