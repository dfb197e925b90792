import {
  IconChevronRight,
  IconPlayerPlay,
  IconPlugConnected,
  IconPlugConnectedX,
  IconSearch,
} from "@tabler/icons-react";
import { Fragment } from "react";
import { comboLabels } from "../commands/combo.ts";
import { openPalette } from "../commands/palette.tsx";
import { connection } from "../host/client.ts";
import { useHostInfo } from "../host/use-host-info.ts";
import { useStore } from "../store/store.ts";
import { useCrumbs } from "./crumbs.ts";
import { activeJobs } from "../runs/job-watch.ts";

const words = { connecting: "connecting", open: "host", lost: "host away, reconnecting" };

/** Where we are, the way to anywhere else, and whether jobs and the host live. */
export function Bar() {
  const info = useHostInfo();
  const state = useStore(connection);
  const nJobs = useStore(activeJobs);
  const crumbs = useCrumbs();
  return (
    <header className="bar">
      <nav className="crumbs" aria-label="Where you are">
        <span className="truncate" title={info?.workspacePath}>
          {info?.workspaceName ?? "…"}
        </span>
        {crumbs.map(({ label, href }, index) => (
          <Fragment key={index}>
            <IconChevronRight size={12} aria-hidden />
            {href === undefined ? (
              <span className="truncate" aria-current="page">
                {label}
              </span>
            ) : (
              <a className="truncate" href={href}>
                {label}
              </a>
            )}
          </Fragment>
        ))}
      </nav>
      <button type="button" className="bar-search" onClick={openPalette}>
        <IconSearch size={14} aria-hidden />
        <span>Search or command</span>
        <span className="caps">
          {comboLabels("Mod+k").map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
        </span>
      </button>
      <div className="bar-state">
        <a
          href="#/runs?states=running,queued,paused,stopping"
          className="bar-jobs number"
          data-busy={nJobs > 0 || undefined}
        >
          <IconPlayerPlay size={13} aria-hidden /> {nJobs === 1 ? "1 job" : `${nJobs} jobs`}
        </a>
        <span
          className="bar-host"
          data-state={state}
          role="status"
          title={info && `${info.hostname}, version ${info.version}`}
        >
          {state === "lost" ? (
            <IconPlugConnectedX size={14} aria-hidden />
          ) : (
            <IconPlugConnected size={14} aria-hidden />
          )}
          {words[state]}
        </span>
      </div>
    </header>
  );
}
