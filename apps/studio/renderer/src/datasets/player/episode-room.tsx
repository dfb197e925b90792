import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Problem } from "../../host/types.ts";
import { useCommands, type Command } from "../../commands/registry.ts";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { problemOf } from "../../host/problem.ts";
import { navigate, setParams } from "../../route/navigate.ts";
import { learnName } from "../../shell/crumbs.ts";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { useRemembered } from "../../store/remembered.ts";
import { gridViewOf } from "../filter-params.ts";
import { datasetDetail, episodeAnnotation, episodeDetail, episodePage } from "../queries.ts";
import { curveRows } from "./curve-layout.ts";
import { EpisodeInspector } from "./episode-inspector.tsx";
import { EpisodeSidebar } from "./episode-sidebar.tsx";
import { usePlayerCommands } from "./player-commands.ts";
import { useSession } from "./session.ts";
import { Stage } from "./stage.tsx";
import { Timeline } from "./timeline.tsx";
import "./player.css";

/** How long the cursor rests before the frame goes into the address, milliseconds. */
const ADDRESS_DELAY_MS = 250;

/** One episode: picture, 3D path and curves under one time cursor. */
export function EpisodeRoom({
  datasetId,
  episodeIndex,
  params,
}: {
  datasetId: string;
  episodeIndex: number;
  params: Readonly<Record<string, string>>;
}) {
  const dataset = useQuery(datasetDetail(datasetId));
  const view = useMemo(() => gridViewOf(params), [params]);
  const listing = useQuery(episodePage({ datasetId, ...view }, 0));
  const isListed = listing.data?.isComplete === true;
  // Its neighbours are known only when the dataset is listed: asked again until then.
  const episode = useQuery({
    ...episodeDetail(datasetId, episodeIndex),
    refetchInterval: ({ state }) => (state.data?.next === undefined && !isListed ? 1000 : false),
  });
  useEffect(() => {
    if (isListed && episode.data?.next === undefined) void episode.refetch();
    // once, when the listing ends
  }, [isListed]);
  const annotation = useQuery(episodeAnnotation(datasetId, episodeIndex));
  const [problem, setProblem] = useState<Problem>();
  const [rememberedCamera, rememberCamera] = useRemembered("player/camera", "");
  const [curveGroup, setCurveGroup] = useRemembered<"action" | "state" | "both">("player/curves", "action");
  useEffect(() => dataset.data && learnName(datasetId, dataset.data.name), [dataset.data, datasetId]);
  useEffect(() => setProblem(undefined), [datasetId, episodeIndex]);

  const cameras = dataset.data?.cameras ?? [];
  const camera =
    [params["camera"], rememberedCamera, dataset.data?.primaryCamera].find((key) =>
      cameras.some((one) => one.key === key),
    ) ?? cameras[0]?.key;
  const frameIndex = Math.max(0, Number(params["frame"] ?? "1") - 1) || 0;
  const isReady =
    dataset.data !== undefined && episode.data !== undefined && annotation.data !== undefined && camera !== undefined;
  const session = useSession(
    isReady
      ? {
          dataset: dataset.data,
          episode: episode.data,
          annotation: annotation.data,
          camera,
          frameIndex,
          onProblem: (error) => setProblem(problemOf(error)),
        }
      : undefined,
  );

  useEffect(() => {
    if (session === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = session.player.state.subscribe(() => {
      clearTimeout(timer);
      if (session.player.state.get().rate !== 0) return;
      timer = setTimeout(() => setParams({ frame: String(session.player.state.get().shown + 1) }), ADDRESS_DELAY_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [session]);
  useEffect(() => {
    const player = session?.player;
    if (
      player !== undefined &&
      player.state.get().rate === 0 &&
      params["frame"] !== undefined &&
      player.state.get().wanted !== frameIndex
    )
      player.seek(frameIndex);
    // only a changed address moves the cursor, not a cursor that has moved on meanwhile
  }, [params["frame"]]);

  const { previous, next } = episode.data ?? {};
  const switchCamera = (key: string) => {
    rememberCamera(key);
    setParams({ camera: key, ...(session && { frame: String(session.player.state.get().shown + 1) }) });
  };
  const go = (to: number | undefined) => {
    const rest = without(params, ["frame"]);
    if (to !== undefined) navigate({ view: "episode", datasetId, episodeIndex: to, params: rest });
  };
  const nextCamera = () => {
    const at = cameras.findIndex(({ key }) => key === camera);
    const key = cameras[(at + 1) % Math.max(1, cameras.length)]?.key;
    if (key !== undefined) switchCamera(key);
  };
  usePlayerCommands(session?.player);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: "episode.next", title: "Next episode", group: "Episode", keys: ["n"], run: () => go(next) },
        { id: "episode.previous", title: "Previous episode", group: "Episode", keys: ["p"], run: () => go(previous) },
        { id: "episode.camera", title: "Next camera", group: "Episode", keys: ["c"], run: nextCamera },
        {
          id: "episode.grid",
          title: "Back to the grid",
          group: "Episode",
          keys: ["Escape"],
          run: () => navigate({ view: "dataset", datasetId, params: withoutPlayer(params) }),
        },
      ],
      // the closures depend on these alone
      [next, previous, datasetId, params, camera, cameras],
    ),
  );

  const rows = useMemo(() => {
    if (episode.data === undefined) return [];
    const { action, actionNames, state, stateNames } = episode.data;
    return [
      ...(curveGroup === "state" ? [] : curveRows("action", action, actionNames)),
      ...(curveGroup === "action" ? [] : curveRows("state", state, stateNames)),
    ];
  }, [episode.data, curveGroup]);

  const failed = [dataset, episode, annotation].find(({ error }) => error !== null);
  return (
    <RoomLayout
      id="episode"
      timelineHeightPx={296}
      listLabel="Episodes"
      list={<EpisodeSidebar datasetId={datasetId} current={episodeIndex} view={view} params={withoutPlayer(params)} />}
      main={
        failed?.error ? (
          <ProblemPanel problem={problemOf(failed.error)} onRetry={() => void failed.refetch()} />
        ) : (
          <Stage
            session={session}
            episode={episode.data}
            annotation={annotation.data ?? null}
            cameras={cameras}
            camera={camera}
            problem={problem}
            onCamera={switchCamera}
            onStep={go}
            onRetry={() => {
              setProblem(undefined);
              session?.player.refresh();
            }}
          />
        )
      }
      timeline={
        session &&
        episode.data && (
          <Timeline
            player={session.player}
            episode={episode.data}
            rows={rows}
            group={curveGroup}
            onGroup={setCurveGroup}
          />
        )
      }
      inspector={
        episode.data &&
        dataset.data && (
          <EpisodeInspector
            episode={episode.data}
            dataset={dataset.data}
            annotation={annotation.data ?? null}
            session={session}
          />
        )
      }
    />
  );
}

/** Params without some of them. */
function without(params: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
}

/** The address params that belong to the list of episodes rather than to the player. */
const withoutPlayer = (params: Readonly<Record<string, string>>) => without(params, ["frame", "camera"]);
