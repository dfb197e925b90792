import { Button, SegmentedControl, Select, Textarea } from "@mantine/core";
import { Facts } from "../feedback/facts.tsx";
import type { DrawnKind, DrawnMask, PolicyCard, PredictAnswer } from "../host/types.ts";
import { formatPercent, formatValue } from "../text/format.ts";
import { ToolRow } from "./tool-row.tsx";

/** Instruction and prompt: what the policies are given besides the picture. */
export function PromptSection({
  instruction,
  own,
  tool,
  brushPx,
  mask,
  kind,
  canUndo,
  onInstruction,
  onTool,
  onBrush,
  onUndo,
  onClear,
}: {
  instruction: string;
  own: string | undefined;
  tool: DrawnKind;
  brushPx: number;
  mask: DrawnMask | undefined;
  kind: DrawnKind;
  canUndo: boolean;
  onInstruction: (text: string) => void;
  onTool: (tool: DrawnKind) => void;
  onBrush: (px: number) => void;
  onUndo: () => void;
  onClear: () => void;
}) {
  return (
    <section className="panel-section">
      <Textarea
        label="Instruction"
        autosize
        minRows={2}
        maxRows={6}
        value={instruction}
        onChange={(event) => onInstruction(event.currentTarget.value)}
      />
      {own !== undefined && own !== instruction && (
        <Button mt={4} size="compact-xs" onClick={() => onInstruction(own)}>
          The episode's own: {own}
        </Button>
      )}
      <h2 className="panel-title playground-heading">Visual prompt</h2>
      <ToolRow
        tool={tool}
        brushPx={brushPx}
        canUndo={canUndo}
        onTool={onTool}
        onBrush={onBrush}
        onUndo={onUndo}
        onClear={onClear}
      />
      {mask === undefined ? (
        <p className="small secondary">Draw on the object: its mask appears, and the policies are asked again.</p>
      ) : (
        <Facts
          facts={[
            ["Given to the policy", `mask and ${kind}`],
            ["Mask", `${mask.areaPx} px`],
            ["Segmenter", mask.segmenter ?? "none: brushed by hand"],
            ["Its confidence", mask.score === undefined ? "–" : formatPercent(mask.score)],
          ]}
        />
      )}
    </section>
  );
}

/** One policy: what it is, whether prompts reach it, how close it comes. */
export function PolicySection({
  side,
  name,
  color,
  steps,
  step,
  card,
  answer,
  hasMask,
  onStep,
}: {
  side: "A" | "B";
  name: string;
  color: string;
  steps: readonly number[];
  step: number;
  card: PolicyCard | undefined;
  answer: PredictAnswer | undefined;
  hasMask: boolean;
  onStep: (step: number) => void;
}) {
  const reached =
    card === undefined
      ? "…"
      : card.takesMask && card.takesPrompts
        ? "mask and prompt"
        : card.takesMask
          ? "the mask"
          : card.takesPrompts
            ? "the prompt"
            : "nothing: it has no pixel parts";
  return (
    <section className="panel-section" data-testid={`policy-${side}`}>
      <h2 className="panel-title">
        <span className="chunk-key">
          <i style={{ background: `var(${color})` }} aria-hidden /> {side} {name}
        </span>
      </h2>
      {steps.length > 1 && (
        <Select
          label="Train step"
          data={steps.map(String)}
          value={String(step)}
          onChange={(value) => value !== null && onStep(Number(value))}
        />
      )}
      <Facts
        facts={[
          ["Train step", card?.step ?? "…"],
          ["Sees", card === undefined ? "…" : `${card.image.widthPx} × ${card.image.heightPx} px, ${card.image.fit}`],
          ["Of the prompt it gets", reached],
          ["State", answer === undefined ? "…" : stateWords[answer.state]],
          ["L1 to the demonstration", formatValue(answer?.l1)],
        ]}
      />
      {hasMask && card !== undefined && !card.takesMask && !card.takesPrompts && (
        <p className="small secondary playground-note">
          The drawn prompt does not change this policy's chunk; only picture, state and instruction do.
        </p>
      )}
    </section>
  );
}

const stateWords: Readonly<Record<PredictAnswer["state"], string>> = {
  episode: "as recorded",
  middle: "unknown: middle of the training range",
  none: "it reads none",
};

/** Where the action tokens look: which policy's, which layer's, and how much of it lies on the mask. */
export function LookSection({
  answer,
  layer,
  isShown,
  sides,
  side,
  onLayer,
  onShown,
  onSide,
}: {
  answer: PredictAnswer | undefined;
  layer: number | undefined;
  isShown: boolean;
  sides: readonly ("A" | "B")[];
  side: "A" | "B";
  onLayer: (layer: number | undefined) => void;
  onShown: (isShown: boolean) => void;
  onSide: (side: "A" | "B") => void;
}) {
  const look = answer?.look;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const totals = look?.weights.map((row) => row.reduce((sum, weight) => sum + weight, 0)) ?? [];
  const onPicture = layer === undefined ? mean(totals) : totals[layer];
  const onMask = look?.onMask && (layer === undefined ? mean(look.onMask) : look.onMask[layer]);
  return (
    <section className="panel-section" data-testid="look">
      <h2 className="panel-title">
        Where it looks
        <Button size="compact-xs" aria-pressed={isShown} onClick={() => onShown(!isShown)}>
          {isShown ? "Hide" : "Show"} (T)
        </Button>
      </h2>
      {answer !== undefined && look === undefined ? (
        <p className="small secondary">This policy's graph records no attention.</p>
      ) : (
        <>
          {sides.length > 1 && (
            <SegmentedControl aria-label="Whose attention" data={[...sides]} value={side} onChange={onSide} mb={8} />
          )}
          <Select
            label="Attention of the action tokens over the vision tokens"
            data={[
              { value: "mean", label: "mean of all layers" },
              ...(look?.layers ?? []).map((_, index) => ({ value: String(index), label: `layer ${index}` })),
            ]}
            value={layer === undefined ? "mean" : String(layer)}
            onChange={(value) => onLayer(value === null || value === "mean" ? undefined : Number(value))}
            mb={8}
          />
          <Facts
            facts={[
              ["On the picture", onPicture === undefined ? "…" : formatPercent(onPicture)],
              ["Of that, on the mask", onMask === undefined ? "no mask" : formatPercent(onMask)],
              ["Vision tokens", look === undefined ? "…" : `${look.grid[0]} × ${look.grid[1]}`],
            ]}
          />
          <p className="small secondary playground-note">Mean over heads and action tokens. Darker is less.</p>
        </>
      )}
    </section>
  );
}

/** Where the time goes: measured stages, and how the graph's operations divide over its parts. */
export function LatencySection({
  mask,
  answers,
  card,
}: {
  mask: DrawnMask | undefined;
  answers: readonly { side: string; answer: PredictAnswer | undefined }[];
  card: PolicyCard | undefined;
}) {
  const rows: readonly (readonly [string, (answer: PredictAnswer) => number])[] = [
    ["Read the picture", ({ latency }) => latency.pictureMs],
    ["Fit it to the policy", ({ latency }) => latency.fitMs],
    ["Tokens and inputs", ({ latency }) => latency.feedMs],
    ["Policy's graph", ({ latency }) => latency.modelMs],
  ];
  const total = (answer: PredictAnswer) => rows.reduce((sum, [, get]) => sum + get(answer), 0);
  const shown = answers.filter((one) => one.answer !== undefined);
  const flops = card?.parts.reduce((sum, part) => sum + part.flops, 0) ?? 0;
  return (
    <section className="panel-section">
      <h2 className="panel-title">Latency, ms</h2>
      <table className="latency number" data-testid="latency">
        <thead>
          <tr>
            <th scope="col">Part</th>
            {shown.map(({ side }) => (
              <th key={side} scope="col" style={{ textAlign: "right" }}>
                {side}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {mask?.segmenter !== undefined && (
            <tr>
              <th scope="row">Segmenter</th>
              <td colSpan={Math.max(1, shown.length)}>
                {formatMs(mask.encodeMs)} picture + {formatMs(mask.segmentMs)} prompt
              </td>
            </tr>
          )}
          {rows.map(([name, get]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {shown.map(({ side, answer }) => (
                <td key={side}>{formatMs(get(answer!))}</td>
              ))}
            </tr>
          ))}
          <tr data-total>
            <th scope="row">Prediction</th>
            {shown.map(({ side, answer }) => (
              <td key={side}>{formatMs(total(answer!))}</td>
            ))}
          </tr>
        </tbody>
      </table>
      {card !== undefined && flops > 0 && (
        <p className="small secondary playground-note">
          Operations of A's graph:{" "}
          {[...card.parts]
            .sort((a, b) => b.flops - a.flops)
            .filter(({ flops: own }) => own / flops >= 0.005)
            .map(({ part, flops: own }) => `${part} ${formatPercent(own / flops)}`)
            .join(", ")}
          .
        </p>
      )}
    </section>
  );
}

const formatMs = (ms: number) => (ms >= 100 ? ms.toFixed(0) : ms.toFixed(1));
