import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useQuery } from "@tanstack/react-query";
import { host } from "../host/client.ts";
import { navigate } from "../route/navigate.ts";
import { createStore, useStore } from "../store/store.ts";
import { comboLabels } from "./combo.ts";
import { rank } from "./rank.ts";
import { allCommands, commandSets, type Command } from "./registry.ts";
import "./palette.css";

const isOpen = createStore(false);

/** Opens the command palette. */
export const openPalette = (): void => isOpen.set(true);

/** Datasets and runs as commands that open them. */
function useDestinations(): Command[] {
  const { data: datasets = [] } = useQuery({ queryKey: ["datasets.list"], queryFn: () => host.datasets.list.query() });
  const { data: runs } = useQuery({
    queryKey: ["runs.list", "palette"],
    queryFn: () => host.runs.list.query({ limit: 200 }),
  });
  return [
    ...datasets.map(({ datasetId, name }) => ({
      id: `dataset.${datasetId}`,
      title: name,
      group: "Dataset",
      run: () => navigate({ view: "dataset", datasetId }),
    })),
    ...(runs?.rows ?? []).map(({ runId, name }) => ({
      id: `run.${runId}`,
      title: name,
      group: "Run",
      run: () => navigate({ view: "run", runId }),
    })),
  ];
}

function PaletteList({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const sets = useStore(commandSets);
  const destinations = useDestinations();
  const listRef = useRef<HTMLDivElement>(null);
  const found = useMemo(() => {
    const offered = sets.size === 0 ? [] : allCommands().filter(({ keyOnly }) => keyOnly !== true);
    return rank([...offered, ...destinations], text, ({ title, group }) => `${title} ${group}`).slice(0, 60);
  }, [sets, destinations, text]);
  const at = Math.min(active, Math.max(0, found.length - 1));

  useEffect(() => {
    listRef.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  function choose(command: Command | undefined) {
    if (command === undefined) return;
    onClose();
    command.run();
  }

  function onKeyDown(event: KeyboardEvent) {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move !== undefined) setActive(Math.min(found.length - 1, Math.max(0, at + move)));
    else if (event.key === "Enter") choose(found[at]);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="palette" role="dialog" aria-label="Command palette" aria-modal="true" onKeyDown={onKeyDown}>
      <input
        autoFocus
        className="palette-input"
        placeholder="Search datasets, runs and commands"
        aria-label="Search datasets, runs and commands"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] && `palette-${at}`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
      />
      <div className="palette-list" id="palette-list" role="listbox" aria-label="Results" ref={listRef}>
        {found.map((command, index) => (
          <div
            key={command.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            className="palette-item"
            onPointerMove={() => setActive(index)}
            onClick={() => choose(command)}
          >
            <span className="truncate">{command.title}</span>
            <span className="secondary small palette-group">{command.group}</span>
            <span className="caps">
              {command.keys?.[0] !== undefined && comboLabels(command.keys[0]).map((cap) => <kbd key={cap}>{cap}</kbd>)}
            </span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="secondary palette-none">Nothing is named “{text}”.</p>}
    </div>
  );
}

/** The palette over the frame while it is open. */
export function Palette() {
  const open = useStore(isOpen);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    if (open) before.current = document.activeElement;
    return () => {
      if (open && before.current instanceof HTMLElement) before.current.focus();
    };
  }, [open]);
  if (!open) return null;
  const close = () => isOpen.set(false);
  return (
    <div className="veil" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <PaletteList onClose={close} />
    </div>
  );
}
