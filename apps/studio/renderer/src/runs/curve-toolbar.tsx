import { SegmentedControl, Select, Slider } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useCommands, type Command } from "../commands/registry.ts";
import { runDiff } from "./queries.ts";
import { useCurveView } from "./curve-view.ts";

/** How the curves are drawn: axis, scales, smoothing, and the recipe field that groups many runs. */
export function CurveToolbar({
  runIds,
  groupBy,
  onGroupBy,
}: {
  runIds: readonly string[];
  groupBy: string;
  onGroupBy: (path: string) => void;
}) {
  const [view, change] = useCurveView();
  const sample = useMemo(() => runIds.slice(0, 24), [runIds]);
  const { data: differences = [] } = useQuery(runDiff(sample));
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: "curves.axis",
          title: "Curves by train step or time",
          group: "Curves",
          keys: ["t"],
          run: () => change({ axis: view.axis === "step" ? "time" : "step" }),
        },
        {
          id: "curves.logy",
          title: "Logarithmic y",
          group: "Curves",
          keys: ["y"],
          run: () => change({ isLogY: !view.isLogY }),
        },
        {
          id: "curves.logx",
          title: "Logarithmic x",
          group: "Curves",
          keys: ["u"],
          run: () => change({ isLogX: !view.isLogX }),
        },
        {
          id: "curves.smooth",
          title: "Smoothing on or off",
          group: "Curves",
          keys: ["w"],
          run: () => change({ smoothing: view.smoothing === 0 ? 0.6 : 0 }),
        },
      ],
      // `change` only writes to one store
      [view],
    ),
  );
  return (
    <div className="toolbar curve-toolbar">
      <SegmentedControl
        aria-label="x axis"
        value={view.axis}
        onChange={(axis) => change({ axis: axis })}
        data={[
          { value: "step", label: "Train step" },
          { value: "time", label: "Time" },
        ]}
      />
      <SegmentedControl
        aria-label="y scale"
        value={view.isLogY ? "log" : "linear"}
        onChange={(scale) => change({ isLogY: scale === "log" })}
        data={[
          { value: "linear", label: "y" },
          { value: "log", label: "log y" },
        ]}
      />
      <SegmentedControl
        aria-label="x scale"
        value={view.isLogX ? "log" : "linear"}
        onChange={(scale) => change({ isLogX: scale === "log" })}
        data={[
          { value: "linear", label: "x" },
          { value: "log", label: "log x" },
        ]}
      />
      <span className="secondary small">Smoothing</span>
      <Slider
        w={96}
        size="xs"
        min={0}
        max={0.99}
        step={0.01}
        value={view.smoothing}
        onChange={(smoothing) => change({ smoothing })}
        label={(value) => value.toFixed(2)}
        thumbLabel="Smoothing"
      />
      {runIds.length > 2 && (
        <Select
          aria-label="Group runs by"
          w={180}
          placeholder="Group by a recipe field"
          clearable
          data={[...new Set(differences.map(({ path }) => path))]}
          value={groupBy === "" ? null : groupBy}
          onChange={(path) => onGroupBy(path ?? "")}
        />
      )}
    </div>
  );
}
