import { Button, Loader } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { DoctorList } from "./doctor-list.tsx";
import type { Examination } from "./use-doctor.ts";

/** What the doctor looks at, with a way to stop it, and what it has found. */
export function DoctorSection({ doctor }: { doctor: Examination }) {
  const { what, checks, isStopped, problem, stop, again } = doctor;
  return (
    <section className="panel-section">
      <h2 className="panel-title">
        <span className="with-icon">
          <IconStethoscope size={14} aria-hidden /> Doctor
        </span>
      </h2>
      {what !== undefined && problem === undefined && (
        <p className="doctor-progress small secondary" role="status" data-testid="doctor-progress">
          <Loader size={12} aria-hidden />
          <span>{what}…</span>
          <Button size="compact-xs" variant="subtle" onClick={stop}>
            Stop
          </Button>
        </p>
      )}
      {isStopped && (
        <p className="doctor-progress small secondary">
          <span>Not examined to the end.</span>
          <Button size="compact-xs" variant="subtle" onClick={again}>
            Examine
          </Button>
        </p>
      )}
      {problem && <ProblemPanel compact problem={problem} onRetry={again} />}
      {checks.length > 0 && <DoctorList checks={checks} />}
    </section>
  );
}
