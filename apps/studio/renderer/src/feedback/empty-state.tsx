import type { ReactNode } from "react";
import "./feedback.css";

/** What a room is for in one sentence, the one button that starts it, and the command that does the same. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  command,
}: {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  action?: ReactNode;
  command?: string;
}) {
  return (
    <section className="empty">
      <div className="empty-icon" aria-hidden>
        {icon}
      </div>
      <h2>{title}</h2>
      <p className="secondary">{children}</p>
      {action}
      {command !== undefined && (
        <p className="empty-command secondary small">
          or run <code>{command}</code>
        </p>
      )}
    </section>
  );
}
