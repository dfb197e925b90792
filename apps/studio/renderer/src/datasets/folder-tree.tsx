import { IconChevronDown, IconChevronRight, IconDatabaseImport, IconFolder } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import { navigate } from "../route/navigate.ts";
import { learnName } from "../shell/crumbs.ts";
import { datasetList, folderEntries } from "./queries.ts";

function Branch({ path, depth, onOpen }: { path: string; depth: number; onOpen: (path: string) => void }) {
  const { data, error } = useQuery(folderEntries(path));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (error) return <ProblemPanel compact problem={problemOf(error)} />;
  if (data?.length === 0)
    return <p className="secondary small folder-none">Nothing here can be opened as a dataset.</p>;
  return (
    <ul className="dataset-list">
      {data?.map((entry) => {
        const isOpen = open.has(entry.path);
        const Chevron = isOpen ? IconChevronDown : IconChevronRight;
        return (
          <li key={entry.path}>
            <button
              type="button"
              className="dataset-item"
              style={{ paddingLeft: 4 + depth * 14 }}
              aria-expanded={entry.kind === "folder" ? isOpen : undefined}
              onClick={() => {
                if (entry.kind === "dataset") {
                  onOpen(entry.path);
                  return;
                }
                const next = new Set(open);
                if (!next.delete(entry.path)) next.add(entry.path);
                setOpen(next);
              }}
            >
              {entry.kind === "folder" ? (
                <Chevron size={14} aria-hidden />
              ) : (
                <IconDatabaseImport size={14} className="accent" aria-label="dataset" />
              )}
              {entry.kind === "folder" && <IconFolder size={14} aria-hidden />}
              <span className="truncate">{entry.name}</span>
            </button>
            {isOpen && <Branch path={entry.path} depth={depth + 1} onOpen={onOpen} />}
          </li>
        );
      })}
    </ul>
  );
}

/** The workspace's folders; choosing a dataset opens it. */
export function FolderTree({ onOpened }: { onOpened: () => void }) {
  const open = useMutation({
    mutationFn: (path: string) => host.datasets.open.mutate({ path }),
    onSuccess: ({ datasetId, name }) => {
      learnName(datasetId, name);
      void queryClient.invalidateQueries(datasetList());
      navigate({ view: "dataset", datasetId });
      onOpened();
    },
  });
  return (
    <div className="folder-tree">
      <Branch path="" depth={0} onOpen={(path) => open.mutate(path)} />
      {open.isPending && <p className="secondary small folder-none">Opening the dataset…</p>}
      {open.error && <ProblemPanel compact problem={problemOf(open.error)} />}
    </div>
  );
}
