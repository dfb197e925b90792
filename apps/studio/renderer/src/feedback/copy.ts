import { showToast } from "./toasts.tsx";

/** Puts text on the clipboard and says so. */
export async function copyText(text: string, what = "Copied"): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showToast({ kind: "ok", text: what });
  } catch {
    showToast({ kind: "fail", text: "The browser refused access to the clipboard." });
  }
}
