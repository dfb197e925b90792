import { axisOf } from "../theme/colors.ts";
import { formatDigits } from "../text/format.ts";
import type { DrawnChunk } from "./chunk-path.ts";

const WIDTH = 160;
const HEIGHT = 72;
const PAD = 6;

/** One small curve for each dimension of the action over the chunk's steps; clicking chooses a step. */
export function ChunkCurves({
  names,
  chunks,
  nSteps,
  step,
  onStep,
}: {
  names: readonly string[];
  chunks: readonly DrawnChunk[];
  nSteps: number;
  step: number;
  onStep: (step: number) => void;
}) {
  return (
    <div className="chunk-curves" data-testid="chunk-curves">
      {names.map((name, dimension) => (
        <Curve
          key={name}
          name={name}
          lines={chunks.map(({ rows, color, label }) => ({
            label,
            color,
            values: rows.map((row) => row?.[dimension] ?? null),
          }))}
          nSteps={nSteps}
          step={step}
          onStep={onStep}
        />
      ))}
    </div>
  );
}

interface Line {
  readonly label: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
}

function Curve({
  name,
  lines,
  nSteps,
  step,
  onStep,
}: {
  name: string;
  lines: readonly Line[];
  nSteps: number;
  step: number;
  onStep: (step: number) => void;
}) {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const span = Math.max(high - low, 1e-6);
  const x = (k: number) => PAD + (k / Math.max(1, nSteps - 1)) * (WIDTH - 2 * PAD);
  const y = (value: number) => HEIGHT - PAD - ((value - low) / span) * (HEIGHT - 2 * PAD);
  return (
    <figure className="chunk-curve">
      <figcaption className="small">
        <span data-axis={axisOf(name)}>{name}</span>
        <span className="chunk-values number">
          {lines.map(({ label, color, values }) => (
            <span key={label} style={{ color: `var(${color})` }} title={label} data-line={label}>
              {formatDigits(values[step - 1], 3)}
            </span>
          ))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name} over ${nSteps} steps`}
        onClick={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          const share = (event.clientX - left) / width;
          onStep(Math.min(nSteps, Math.max(1, Math.round(share * (nSteps - 1)) + 1)));
        }}
      >
        <line x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
        <line
          x1={x(step - 1)}
          x2={x(step - 1)}
          y1={0}
          y2={HEIGHT}
          stroke="var(--line-strong)"
          vectorEffect="non-scaling-stroke"
        />
        {lines.map(({ label, color, values }) => (
          <polyline
            key={label}
            points={values.flatMap((value, k) => (value === null ? [] : [`${x(k)},${y(value)}`])).join(" ")}
            fill="none"
            stroke={`var(${color})`}
            strokeWidth={2}
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
    </figure>
  );
}
