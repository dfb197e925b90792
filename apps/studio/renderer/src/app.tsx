import { MantineProvider, useMantineColorScheme } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { IconMapOff } from "@tabler/icons-react";
import { KeyboardMap, openKeyboardMap } from "./commands/keyboard-map.tsx";
import { openPalette, Palette } from "./commands/palette.tsx";
import { dispatchKey, useCommands, type Command } from "./commands/registry.ts";
import { DatasetsRoom } from "./datasets/datasets-room.tsx";
import { EmptyState } from "./feedback/empty-state.tsx";
import { ErrorBoundary } from "./feedback/error-boundary.tsx";
import { Toasts } from "./feedback/toasts.tsx";
import { queryClient } from "./host/query-client.ts";
import { roomAddress, useRoute } from "./route/navigate.ts";
import { formatRoute, roomOf } from "./route/route.ts";
import { useJobWatch } from "./runs/job-watch.ts";
import { Bar } from "./shell/bar.tsx";
import { Rail } from "./shell/rail.tsx";
import { StatusLine } from "./shell/status-line.tsx";
import { studioTheme, tokenVariables } from "./theme/mantine-theme.ts";

const AnnotateRoom = lazy(() =>
  import("./annotate/annotate-room.tsx").then(({ AnnotateRoom: component }) => ({ default: component })),
);
const ComposeRoom = lazy(() =>
  import("./compose/compose-room.tsx").then(({ ComposeRoom: component }) => ({ default: component })),
);
const RunsRoom = lazy(() => import("./runs/runs-room.tsx").then(({ RunsRoom: component }) => ({ default: component })));
const PlaygroundRoom = lazy(() =>
  import("./playground/playground-room.tsx").then(({ PlaygroundRoom: component }) => ({ default: component })),
);
const ServedPage = lazy(() =>
  import("./playground/served-page.tsx").then(({ ServedPage: component }) => ({ default: component })),
);
const BenchRoom = lazy(() =>
  import("./bench/bench-room.tsx").then(({ BenchRoom: component }) => ({ default: component })),
);

function Room() {
  const route = useRoute();
  switch (roomOf(route)) {
    case "datasets":
      return <DatasetsRoom route={route} />;
    case "annotate":
      return (
        <Suspense>
          <AnnotateRoom route={route} />
        </Suspense>
      );
    case "compose":
      return (
        <Suspense>
          <ComposeRoom params={route.params} />
        </Suspense>
      );
    case "runs":
      return (
        <Suspense>
          <RunsRoom route={route} />
        </Suspense>
      );
    case "playground":
      return <Suspense>{route.view === "served" ? <ServedPage /> : <PlaygroundRoom params={route.params} />}</Suspense>;
    case "bench":
      return (
        <Suspense>
          <BenchRoom route={route} />
        </Suspense>
      );
    case undefined:
      return (
        <main className="subject">
          <EmptyState
            icon={<IconMapOff size={36} stroke={1.3} />}
            title="No such view"
            action={<a href="#/datasets">Go to Datasets</a>}
          >
            The address after # names no view of the studio.
          </EmptyState>
        </main>
      );
  }
}

function Frame() {
  const { toggleColorScheme } = useMantineColorScheme();
  const route = useRoute();
  useJobWatch();
  useEffect(() => {
    window.addEventListener("keydown", dispatchKey);
    return () => window.removeEventListener("keydown", dispatchKey);
  }, []);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: "palette", title: "Search or command", group: "Go", keys: ["Mod+k"], keyOnly: true, run: openPalette },
        { id: "keys", title: "Keyboard map", group: "View", keys: ["?"], run: openKeyboardMap },
        {
          id: "go.datasets",
          title: "Go to Datasets",
          group: "Go",
          keys: ["Alt+1"],
          run: () => (location.hash = roomAddress("datasets")),
        },
        {
          id: "go.annotate",
          title: "Go to Annotate",
          group: "Go",
          keys: ["Alt+2"],
          run: () => (location.hash = roomAddress("annotate")),
        },
        {
          id: "go.compose",
          title: "Go to Compose",
          group: "Go",
          keys: ["Alt+3"],
          run: () => (location.hash = roomAddress("compose")),
        },
        {
          id: "go.runs",
          title: "Go to Runs",
          group: "Go",
          keys: ["Alt+4"],
          run: () => (location.hash = roomAddress("runs")),
        },
        {
          id: "go.playground",
          title: "Go to Playground",
          group: "Go",
          keys: ["Alt+5"],
          run: () => (location.hash = roomAddress("playground")),
        },
        {
          id: "go.bench",
          title: "Go to Bench",
          group: "Go",
          keys: ["Alt+6"],
          run: () => (location.hash = roomAddress("bench")),
        },
        {
          id: "go.served",
          title: "Prompt a running server",
          group: "Go",
          run: () => (location.hash = "#/playground/server"),
        },
        { id: "theme", title: "Dark or light theme", group: "View", keys: ["Alt+t"], run: toggleColorScheme },
      ],
      [toggleColorScheme],
    ),
  );
  return (
    <div className="frame">
      <Rail />
      <Bar />
      <div className="frame-room">
        <ErrorBoundary resetKey={formatRoute({ ...route, params: {} })}>
          <Room />
        </ErrorBoundary>
      </div>
      <StatusLine />
      <Palette />
      <KeyboardMap />
      <Toasts />
    </div>
  );
}

/** The studio: theme, host's answers and the frame around the rooms. */
export function App() {
  return (
    <MantineProvider theme={studioTheme} cssVariablesResolver={tokenVariables} defaultColorScheme="dark">
      <QueryClientProvider client={queryClient}>
        <Frame />
      </QueryClientProvider>
    </MantineProvider>
  );
}
