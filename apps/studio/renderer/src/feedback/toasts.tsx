import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconX } from "@tabler/icons-react";
import { createStore, useStore } from "../store/store.ts";
import "./toasts.css";

/** A short message that goes by itself, with at most one link. */
export interface Toast {
  readonly id: number;
  readonly kind: "ok" | "info" | "fail";
  readonly text: string;
  readonly link?: { readonly label: string; readonly href: string };
}

const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

/** Shows a message for a few seconds (failures stay twice as long); at most four at a time. */
export function showToast(toast: Omit<Toast, "id">): void {
  const id = nextId++;
  toasts.set([...toasts.get().slice(-3), { ...toast, id }]);
  setTimeout(() => dismiss(id), toast.kind === "fail" ? 12_000 : 6000);
}

const icons = { ok: IconCircleCheck, info: IconInfoCircle, fail: IconAlertTriangle };

/** The stack of messages, lower right, announced to screen readers. */
export function Toasts() {
  return (
    <div className="toasts" role="status" aria-live="polite">
      {useStore(toasts).map((toast) => {
        const Icon = icons[toast.kind];
        return (
          <div key={toast.id} className="toast" data-kind={toast.kind}>
            <Icon size={16} aria-hidden />
            <span>{toast.text}</span>
            {toast.link && <a href={toast.link.href}>{toast.link.label}</a>}
            <ActionIcon size={20} aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
              <IconX size={14} />
            </ActionIcon>
          </div>
        );
      })}
    </div>
  );
}
