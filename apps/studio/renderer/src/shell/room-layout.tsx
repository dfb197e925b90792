import { useMemo, type ReactNode } from "react";
import { useCommands, type Command } from "../commands/registry.ts";
import { ErrorBoundary } from "../feedback/error-boundary.tsx";
import { useRemembered } from "../store/remembered.ts";
import { Resizer } from "./resizer.tsx";
import "./room-layout.css";

interface RoomLayoutProps {
  /** Sizes are remembered under this name. */
  readonly id: string;
  readonly list?: ReactNode;
  readonly listLabel?: string;
  readonly main: ReactNode;
  readonly timeline?: ReactNode;
  readonly timelineHeightPx?: number;
  readonly inspector?: ReactNode;
  readonly inspectorLabel?: string;
}

/** The one layout of every room: list left, subject in the middle, time below it, details right. Edges resize and are remembered. */
export function RoomLayout({
  id,
  list,
  listLabel,
  main,
  timeline,
  timelineHeightPx = 240,
  inspector,
  inspectorLabel,
}: RoomLayoutProps) {
  const [listPx, setListPx] = useRemembered(`panel/${id}/list`, 240);
  const [inspectorPx, setInspectorPx] = useRemembered(`panel/${id}/inspector`, 304);
  const [timelinePx, setTimelinePx] = useRemembered(`panel/${id}/timeline`, timelineHeightPx);
  const [showList, setShowList] = useRemembered("panel/show-list", true);
  const [showInspector, setShowInspector] = useRemembered("panel/show-inspector", true);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: "panel.list",
          title: "Show or hide the list",
          group: "View",
          keys: ["Mod+b"],
          run: () => setShowList(!showList),
        },
        {
          id: "panel.inspector",
          title: "Show or hide the inspector",
          group: "View",
          keys: ["Mod+i"],
          run: () => setShowInspector(!showInspector),
        },
      ],
      [showList, showInspector, setShowList, setShowInspector],
    ),
  );
  return (
    <div className="room">
      {list !== undefined && showList && (
        <>
          <nav className="panel" aria-label={listLabel ?? "List"} style={{ width: listPx }}>
            <ErrorBoundary>{list}</ErrorBoundary>
          </nav>
          <Resizer
            label="Width of the list"
            orientation="vertical"
            grows="before"
            sizePx={listPx}
            minPx={200}
            maxPx={480}
            onResize={setListPx}
          />
        </>
      )}
      <div className="subject">
        <main className="subject-main">
          <ErrorBoundary>{main}</ErrorBoundary>
        </main>
        {timeline !== undefined && (
          <>
            <Resizer
              label="Height of the curves"
              orientation="horizontal"
              grows="after"
              sizePx={timelinePx}
              minPx={96}
              maxPx={640}
              onResize={setTimelinePx}
            />
            <section className="subject-time" aria-label="Curves" style={{ height: timelinePx }}>
              <ErrorBoundary>{timeline}</ErrorBoundary>
            </section>
          </>
        )}
      </div>
      {inspector !== undefined && showInspector && (
        <>
          <Resizer
            label="Width of the inspector"
            orientation="vertical"
            grows="after"
            sizePx={inspectorPx}
            minPx={240}
            maxPx={560}
            onResize={setInspectorPx}
          />
          <aside className="panel" aria-label={inspectorLabel ?? "Details"} style={{ width: inspectorPx }}>
            <ErrorBoundary>{inspector}</ErrorBoundary>
          </aside>
        </>
      )}
    </div>
  );
}
