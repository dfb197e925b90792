import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { DoctorCheck } from "../host/types.ts";

const looks = {
  pass: { icon: IconCircleCheck, word: "pass" },
  warn: { icon: IconAlertTriangle, word: "warn" },
  fail: { icon: IconCircleX, word: "fail" },
};
const order = { fail: 0, warn: 1, pass: 2 };

/** What the doctor found, failures first, each with its reason and remedy. */
export function DoctorList({ checks }: { checks: readonly DoctorCheck[] }) {
  if (checks.length === 0) return <p className="secondary small">No check applies to this recipe and dataset.</p>;
  return (
    <ul className="doctor" data-testid="doctor">
      {[...checks]
        .sort((a, b) => order[a.level] - order[b.level])
        .map(({ check, level, message, fix }, index) => {
          const { icon: Icon, word } = looks[level];
          return (
            <li key={index} data-level={level}>
              <Icon size={14} aria-label={word} />
              <div className="small">
                <strong>{check}</strong> <span className="doctor-word">{word}</span>
                <p className="secondary">{message}</p>
                {fix !== undefined && <p>{fix}</p>}
              </div>
            </li>
          );
        })}
    </ul>
  );
}
