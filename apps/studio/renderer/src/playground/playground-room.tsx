import { Button, Slider } from "@mantine/core";
import { IconBrush } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo, useReducer, useState } from "react";
import { frameUrl } from "@pixelvla/studio-contract/urls";
import { useCommands, type Command } from "../commands/registry.ts";
import { datasetDetail, datasetList, episodeDetail } from "../datasets/queries.ts";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { showToast } from "../feedback/toasts.tsx";
import { problemOf } from "../host/problem.ts";
import type { DrawnKind, PictureChoice } from "../host/types.ts";
import { navigate, setParams } from "../route/navigate.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { useRemembered } from "../store/remembered.ts";
import { ChunkCurves } from "./chunk-curves.tsx";
import type { DrawnChunk } from "./chunk-path.ts";
import { ChunkView } from "./chunk-view.tsx";
import { DrawView } from "./draw-view.tsx";
import { drawingAfter, emptyDrawing } from "./drawing.ts";
import { PictureSource } from "./picture-source.tsx";
import { sendPicture, useBitmap, useMaskBitmap } from "./pictures.ts";
import { LatencySection, LookSection, PolicySection, PromptSection } from "./playground-inspector.tsx";
import { PolicyList } from "./policy-list.tsx";
import { policyCard, policyList, prediction, type Checkpoint, type Shown } from "./queries.ts";
import { useDrawnMask } from "./use-drawn-mask.ts";
import { useDrawKeys } from "./use-draw-keys.ts";
import "../datasets/datasets.css";
import "../datasets/player/player.css";
import "./playground.css";

const NOWHERE: readonly number[] = [0, 0, 0];

/** Room "Playground": draw on a picture, see the mask, where the policy looks and the chunk it predicts. */
export function PlaygroundRoom({ params }: { params: Readonly<Record<string, string>> }) {
  const policies = useQuery(policyList());
  const first = policies.data?.find(({ runId }) => runId === params["run"]) ?? policies.data?.[0];
  const second = policies.data?.find(({ runId }) => runId === params["b"] && runId !== first?.runId);
  const [dropped, setDropped] = useState<{ choice: PictureChoice; bitmap: ImageBitmap }>();

  const datasets = useQuery(datasetList());
  const datasetId = params["dataset"] ?? first?.datasetId ?? datasets.data?.find(({ problem }) => !problem)?.datasetId;
  const dataset = useQuery({ ...datasetDetail(datasetId ?? ""), enabled: datasetId !== undefined });
  const episodeIndex = Number(params["episode"] ?? "0") || 0;
  const episode = useQuery({ ...episodeDetail(datasetId ?? "", episodeIndex), enabled: datasetId !== undefined });
  const frameIndex = Math.max(0, Math.min((Number(params["frame"] ?? "1") || 1) - 1, (episode.data?.nFrames ?? 1) - 1));
  const camera = params["camera"] ?? dataset.data?.primaryCamera;
  const isFrame =
    dropped === undefined && dataset.data !== undefined && episode.data !== undefined && camera !== undefined;
  const frame = useMemo(
    () => (isFrame ? { datasetId: datasetId!, episodeIndex, frameIndex, camera } : undefined),
    [isFrame, datasetId, episodeIndex, frameIndex, camera],
  );
  const { bitmap: frameBitmap, problem: frameProblem } = useBitmap(
    frame && frameUrl({ ...frame, revision: dataset.data!.revision }),
  );
  const picture = useMemo<PictureChoice | undefined>(
    () => dropped?.choice ?? (frame && { kind: "frame", ...frame }),
    [dropped, frame],
  );
  const bitmap = dropped?.bitmap ?? frameBitmap;

  const [drawing, step] = useReducer(drawingAfter, emptyDrawing);
  const [tool, setTool] = useRemembered<DrawnKind>("playground/tool", "point");
  const [brushPx, setBrush] = useRemembered("playground/brush", 16);
  const [text, setText] = useState<string>();
  const pictureKey = JSON.stringify({ ...picture, frameIndex: 0 });
  useEffect(() => {
    step({ kind: "clear" });
    setText(undefined);
    // prompts and words belong to the scene, not to the frame of it
  }, [pictureKey]);
  const own = dropped === undefined ? episode.data?.task : undefined;
  const instruction = text ?? own ?? "";
  const [asked] = useDebouncedValue(instruction, 200);

  const mask = useDrawnMask(picture, drawing.drawn);
  const given = mask.shown;
  const maskBitmap = useMaskBitmap(given?.maskPng);
  const shown = useMemo<Shown | undefined>(
    () =>
      picture && {
        picture,
        instruction: asked,
        mask: given?.maskPng,
        drawn: given === undefined ? emptyDrawing.drawn : { ...drawing.drawn, maskPng: undefined },
        promptKind: drawing.kind,
      },
    [picture, asked, given, drawing],
  );
  const stepOf = (item: typeof first, wanted: string | undefined) =>
    item?.steps.find((one) => String(one) === wanted) ?? item?.steps.at(-1);
  const checkpointOf = (item: typeof first, wanted: string | undefined): Checkpoint | undefined =>
    item && { runId: item.runId, step: stepOf(item, wanted)! };
  const a = usePolicy(checkpointOf(first, params["step"]), shown, mask.isDue);
  const b = usePolicy(checkpointOf(second, params["bstep"]), shown, mask.isDue);

  const [chunkStep, setChunkStep] = useState(8);
  const [layer, setLayer] = useState<number>();
  const [isLookShown, setLookShown] = useRemembered("playground/look", false);
  const [side, setSide] = useState<"A" | "B">("A");
  const lookAnswer = side === "B" && b.answer !== undefined ? b.answer : a.answer;
  const chunks = useMemo<readonly DrawnChunk[]>(
    () => [
      ...(a.answer?.demonstrated === undefined
        ? []
        : [{ label: "demonstrated", rows: a.answer.demonstrated, color: "--demonstrated" }]),
      ...(a.answer === undefined ? [] : [{ label: "A", rows: a.answer.predicted, color: "--predicted" }]),
      ...(b.answer === undefined ? [] : [{ label: "B", rows: b.answer.predicted, color: "--predicted-b" }]),
    ],
    [a.answer, b.answer],
  );
  const nSteps = a.answer?.predicted.length ?? 8;
  const clampedStep = Math.min(chunkStep, nSteps);

  useDrawKeys(setTool, step);
  useCommands(
    useMemo<readonly Command[]>(() => {
      const move = (by: number) => setChunkStep((now) => Math.min(nSteps, Math.max(1, Math.min(now, nSteps) + by)));
      return [
        {
          id: "playground.look",
          title: "Where the policy looks, on or off",
          group: "Playground",
          keys: ["t"],
          run: () => setLookShown(!isLookShown),
        },
        { id: "playground.next", title: "Next step", group: "Playground", keys: ["ArrowRight"], run: () => move(1) },
        {
          id: "playground.previous",
          title: "Previous step",
          group: "Playground",
          keys: ["ArrowLeft"],
          run: () => move(-1),
        },
      ];
    }, [nSteps, isLookShown, setLookShown]),
  );

  const open = (file: Blob) =>
    void sendPicture(file).then(setDropped, (error: unknown) =>
      showToast({ kind: "fail", text: problemOf(error).message }),
    );
  if (policies.data?.length === 0) return <NoPolicies />;
  const failure = policies.error ?? a.error ?? b.error ?? mask.error ?? dataset.error ?? episode.error;
  const problem = frameProblem ?? (failure === null ? undefined : problemOf(failure));
  return (
    <RoomLayout
      id="playground"
      listLabel="Checkpoints and pictures"
      list={
        <>
          <PolicyList policies={policies.data ?? []} first={first?.runId} second={second?.runId} />
          <PictureSource
            datasets={datasets.data ?? []}
            dataset={dataset.data}
            episode={episode.data}
            frameIndex={frameIndex}
            camera={camera}
            isDropped={dropped !== undefined}
            onFile={open}
            onFrame={() => setDropped(undefined)}
          />
          <p className="panel-section small">
            <a href="#/playground/server">Prompt a running server</a>
          </p>
        </>
      }
      main={
        <div
          className="stage playground-drop"
          onDragOver={(event) => {
            event.preventDefault();
            event.currentTarget.dataset["over"] = "true";
          }}
          onDragLeave={(event) => (event.currentTarget.dataset["over"] = "false")}
          onDrop={(event) => {
            event.preventDefault();
            event.currentTarget.dataset["over"] = "false";
            const file = [...event.dataTransfer.files].find(({ type }) => type.startsWith("image/"));
            if (file !== undefined) open(file);
          }}
        >
          <div className="stage-picture">
            {bitmap === undefined ? (
              <div className="skeleton stage-skeleton" />
            ) : (
              <DrawView
                bitmap={bitmap}
                tool={tool}
                drawn={drawing.drawn}
                mask={maskBitmap}
                look={isLookShown ? lookAnswer?.look : undefined}
                layer={layer}
                brushPx={brushPx}
                onStep={step}
              />
            )}
            {problem && (
              <div className="stage-problem">
                <ProblemPanel compact problem={problem} onRetry={() => void policies.refetch()} />
              </div>
            )}
          </div>
          <div className="stage-path" style={{ width: "40%" }} data-busy={a.isFetching || b.isFetching}>
            <ChunkView chunks={chunks} origin={a.answer?.position ?? NOWHERE} step={clampedStep} />
          </div>
        </div>
      }
      timelineHeightPx={208}
      timeline={
        <div className="playground-time">
          <div className="playground-steps">
            <span className="small secondary number">
              Step {clampedStep} of {nSteps}
            </span>
            <Slider
              w={220}
              size="xs"
              min={1}
              max={nSteps}
              value={clampedStep}
              onChange={setChunkStep}
              label={null}
              thumbLabel="Step of the chunk"
            />
          </div>
          <ChunkCurves
            names={a.answer?.actionNames ?? []}
            chunks={chunks}
            nSteps={nSteps}
            step={clampedStep}
            onStep={setChunkStep}
          />
        </div>
      }
      inspectorLabel="Prompt and policies"
      inspector={
        <>
          <PromptSection
            instruction={instruction}
            own={own}
            tool={tool}
            brushPx={brushPx}
            mask={given}
            kind={drawing.kind}
            canUndo={drawing.past.length > 0}
            onInstruction={setText}
            onTool={setTool}
            onBrush={setBrush}
            onUndo={() => step({ kind: "undo" })}
            onClear={() => step({ kind: "clear" })}
          />
          {first && (
            <PolicySection
              side="A"
              name={first.name}
              color="--predicted"
              steps={first.steps}
              step={stepOf(first, params["step"])!}
              card={a.card}
              answer={a.answer}
              hasMask={given !== undefined}
              onStep={(value) => setParams({ step: String(value) })}
            />
          )}
          {second && (
            <PolicySection
              side="B"
              name={second.name}
              color="--predicted-b"
              steps={second.steps}
              step={stepOf(second, params["bstep"])!}
              card={b.card}
              answer={b.answer}
              hasMask={given !== undefined}
              onStep={(value) => setParams({ bstep: String(value) })}
            />
          )}
          <LookSection
            answer={lookAnswer}
            layer={layer}
            isShown={isLookShown}
            sides={second === undefined ? ["A"] : ["A", "B"]}
            side={side}
            onLayer={setLayer}
            onShown={setLookShown}
            onSide={setSide}
          />
          <LatencySection
            mask={given}
            answers={[
              { side: "A", answer: a.answer },
              { side: "B", answer: b.answer },
            ]}
            card={a.card}
          />
        </>
      }
    />
  );
}

/** A policy's card and its prediction for what is shown, asked for once its mask is known. */
function usePolicy(checkpoint: Checkpoint | undefined, shown: Shown | undefined, isMaskDue: boolean) {
  const nobody: Checkpoint = { runId: "none", step: 0 };
  const card = useQuery({ ...policyCard(checkpoint ?? nobody), enabled: checkpoint !== undefined });
  const isAsked = checkpoint !== undefined && shown !== undefined;
  const nothing: Shown = { picture: { kind: "dropped", pictureId: "" }, drawn: emptyDrawing.drawn, promptKind: "mask" };
  const answer = useQuery({ ...prediction(checkpoint ?? nobody, shown ?? nothing), enabled: isAsked && !isMaskDue });
  return {
    card: checkpoint === undefined ? undefined : card.data,
    answer: isAsked ? answer.data : undefined,
    isFetching: answer.isFetching || (isAsked && isMaskDue),
    error: card.error ?? answer.error,
  };
}

function NoPolicies() {
  return (
    <main className="subject">
      <EmptyState
        icon={<IconBrush size={36} stroke={1.3} />}
        title="Playground"
        command="pixelvla train RECIPE --dataset FOLDER"
        action={
          <Button variant="filled" onClick={() => navigate({ view: "runs", params: { launch: "new" } })}>
            Train a policy
          </Button>
        }
      >
        Open a checkpoint, draw on a picture, and see the mask, where the policy looks and the chunk it predicts. No run
        of this workspace has saved a checkpoint yet.
      </EmptyState>
    </main>
  );
}
