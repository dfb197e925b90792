import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconBroadcast, IconSend, IconX } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useReducer, useState } from "react";
import { EmptyState } from "../feedback/empty-state.tsx";
import { Facts } from "../feedback/facts.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { showToast } from "../feedback/toasts.tsx";
import { host } from "../host/client.ts";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import type { DrawnKind, DrawnMask, ServedState } from "../host/types.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { useRemembered } from "../store/remembered.ts";
import { formatPercent } from "../text/format.ts";
import { DrawView } from "./draw-view.tsx";
import { drawingAfter, emptyDrawing } from "./drawing.ts";
import { pngBitmap, useMaskBitmap } from "./pictures.ts";
import { ToolRow } from "./tool-row.tsx";
import { useDrawnMask } from "./use-drawn-mask.ts";
import { useDrawKeys } from "./use-draw-keys.ts";
import "../datasets/datasets.css";
import "../datasets/player/player.css";
import "./playground.css";

/** Time between two looks at the server, ms. */
const LOOK_AGAIN_MS = 1500;

interface Server {
  readonly address: string;
  readonly token: string;
}

const servedState = (server: Server) =>
  queryOptions({
    queryKey: ["playground.served", server.address, server.token],
    queryFn: ({ signal }) => host.served.state.query(server, { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

const servedPicture = (pictureId: string) =>
  queryOptions({
    queryKey: ["playground.served.picture", pictureId],
    queryFn: async () => pngBitmap(await host.served.picture.query({ pictureId })),
    staleTime: Infinity,
  });

/** Playground, page of a running server: draw the prompt on the first frame that arrives, and send its mask. */
export function ServedPage() {
  const [address, setAddress] = useRemembered("playground/server", "http://127.0.0.1:8000");
  const [token, setToken] = useState("");
  const [server, setServer] = useState<Server>();
  const state = useQuery({ ...servedState(server ?? { address, token }), enabled: server !== undefined });
  const frame = server === undefined ? undefined : state.data?.frame;
  const picture = useQuery({ ...servedPicture(frame?.pictureId ?? ""), enabled: frame !== undefined });

  const [drawing, step] = useReducer(drawingAfter, emptyDrawing);
  const [tool, setTool] = useRemembered<DrawnKind>("playground/tool", "point");
  const [brushPx, setBrush] = useRemembered("playground/brush", 16);
  useDrawKeys(setTool, step);
  const pictureId = frame?.pictureId;
  useEffect(() => step({ kind: "clear" }), [pictureId]);
  const mask = useDrawnMask(pictureId === undefined ? undefined : { kind: "dropped", pictureId }, drawing.drawn);
  const maskBitmap = useMaskBitmap(mask.shown?.maskPng);

  const look = () => queryClient.invalidateQueries({ queryKey: ["playground.served"] });
  const send = useMutation({
    mutationFn: (maskPng: string) => host.served.send.mutate({ server: server!, pictureId: frame!.pictureId, maskPng }),
    onSuccess: () => {
      showToast({ kind: "ok", text: "The server has the mask." });
      void look();
    },
  });
  const clear = useMutation({ mutationFn: () => host.served.clear.mutate(server!), onSuccess: look });
  const failure = send.error ?? clear.error ?? mask.error ?? picture.error;
  return (
    <RoomLayout
      id="served"
      listLabel="Server"
      list={
        <form
          className="panel-section served-form"
          aria-label="Server"
          onSubmit={(event) => {
            event.preventDefault();
            setServer({ address: address.trim(), token });
            void look();
          }}
        >
          <h2 className="panel-title">Running server</h2>
          <TextInput
            label="Address"
            description="As pixelvla serve prints it"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <PasswordInput
            label="Token"
            description="Only where the server was started with one"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
          />
          <Button type="submit" fullWidth mt={8} variant="filled" leftSection={<IconBroadcast size={14} />}>
            {server === undefined ? "Connect" : "Connect again"}
          </Button>
          <p className="small secondary served-back">
            <a href="#/playground">Back to checkpoints</a>
          </p>
        </form>
      }
      main={
        <div className="stage">
          <div className="stage-picture">
            {state.error !== null && server !== undefined ? (
              <ProblemPanel problem={problemOf(state.error)} onRetry={() => void state.refetch()} />
            ) : picture.data !== undefined && frame !== undefined ? (
              <DrawView
                bitmap={picture.data}
                tool={tool}
                drawn={drawing.drawn}
                mask={maskBitmap}
                look={undefined}
                layer={undefined}
                brushPx={brushPx}
                onStep={step}
              />
            ) : (
              <Waiting state={server === undefined ? undefined : state.data} isAsked={server !== undefined} />
            )}
            {failure !== null && (
              <div className="stage-problem">
                <ProblemPanel compact problem={problemOf(failure)} />
              </div>
            )}
          </div>
        </div>
      }
      inspectorLabel="Prompt"
      inspector={
        server === undefined || state.data === undefined ? (
          <p className="panel-section secondary small">Connect to a server to draw what its next episode acts on.</p>
        ) : (
          <>
            <ServerSection state={state.data} />
            <section className="panel-section">
              <h2 className="panel-title">Visual prompt</h2>
              <ToolRow
                tool={tool}
                brushPx={brushPx}
                canUndo={drawing.past.length > 0}
                onTool={setTool}
                onBrush={setBrush}
                onUndo={() => step({ kind: "undo" })}
                onClear={() => step({ kind: "clear" })}
              />
              <MaskFacts mask={mask.shown} hasFrame={frame !== undefined} />
              <Button
                fullWidth
                mt={8}
                variant="filled"
                leftSection={<IconSend size={14} />}
                disabled={mask.exact === undefined || !state.data.takesPrompts}
                loading={send.isPending || mask.isDue}
                onClick={() => mask.exact !== undefined && send.mutate(mask.exact.maskPng)}
              >
                {state.data.isAwaited ? "Send and let the episode begin" : "Send for the next episode"}
              </Button>
              {state.data.isSet && (
                <Button
                  fullWidth
                  mt={8}
                  leftSection={<IconX size={14} />}
                  loading={clear.isPending}
                  onClick={() => clear.mutate()}
                >
                  Take the waiting prompt back
                </Button>
              )}
            </section>
          </>
        )
      }
    />
  );
}

function ServerSection({ state }: { state: ServedState }) {
  const { policy, takesPrompts, frame } = state;
  return (
    <section className="panel-section" data-testid="served-state">
      <h2 className="panel-title">Server</h2>
      <p role="status" className={takesPrompts ? "small" : "small fail"}>
        {stateWords(state)}
      </p>
      <Facts
        facts={[
          ["Policy", policy],
          ["Takes prompts", takesPrompts ? "yes" : "no: it has no pixel parts"],
          ["Newest episode", frame === undefined ? "none yet" : String(frame.episode)],
          ["Its instruction", frame?.instruction ?? "–"],
        ]}
      />
    </section>
  );
}

function stateWords({ takesPrompts, isSet, isAwaited, frame }: ServedState): string {
  if (!takesPrompts) return "This policy cannot be prompted. Serve one with a pixel or prompt encoder.";
  if (isAwaited) return "An episode waits for your prompt.";
  if (isSet) return "A prompt is set; the next episode takes it.";
  if (frame === undefined) return "No frame has arrived yet.";
  return "No prompt is set for the next episode.";
}

function MaskFacts({ mask, hasFrame }: { mask: DrawnMask | undefined; hasFrame: boolean }) {
  if (mask === undefined)
    return (
      <p className="small secondary">
        {hasFrame ? "Draw on the object: its mask appears, and is what the server gets." : "Waiting for a frame."}
      </p>
    );
  return (
    <Facts
      facts={[
        ["Mask", `${mask.areaPx} px`],
        ["Segmenter", mask.segmenter ?? "none: brushed by hand"],
        ["Its confidence", mask.score === undefined ? "–" : formatPercent(mask.score)],
      ]}
    />
  );
}

function Waiting({ state, isAsked }: { state: ServedState | undefined; isAsked: boolean }) {
  return (
    <EmptyState
      icon={<IconBroadcast size={36} stroke={1.3} />}
      title={!isAsked ? "Prompt a running server" : state === undefined ? "Connecting" : "Waiting for the first frame"}
      command="pixelvla serve RUN --prompt-wait 60"
    >
      {state === undefined
        ? "Draw on the first frame a robot or simulator sends to pixelvla serve; its episode then acts on what you drew."
        : "The server is there. The frame appears as soon as a client begins an episode; with --prompt-wait that episode waits for you."}
    </EmptyState>
  );
}
