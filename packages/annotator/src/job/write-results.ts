import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { jobPaths, writeFileAtomic } from "@pixelvla/jobs";
import type { Funnel } from "../funnel/funnel.ts";
import { funnelHtml } from "../funnel/funnel-html.ts";
import { funnelText } from "../funnel/funnel-text.ts";
import { contactSheet } from "../sheet/contact-sheet.ts";
import { loadPreviews } from "../sheet/preview-store.ts";

/** Names inside `results/`. */
export const RESULT_FILES = {
  json: "funnel.json",
  text: "funnel.txt",
  html: "funnel.html",
  sheet: "contact-sheet.jpg",
} as const;

/** Writes the funnel as JSON, text and a page with thumbnails, and the contact sheet, each whole or not at all. */
export async function writeResults(jobDir: string, funnel: Funnel, previewDirs: readonly string[]): Promise<void> {
  const { results } = jobPaths(jobDir);
  mkdirSync(results, { recursive: true });
  const previews = loadPreviews(previewDirs);
  writeFileAtomic(join(results, RESULT_FILES.json), `${JSON.stringify(funnel, null, 2)}\n`);
  writeFileAtomic(join(results, RESULT_FILES.text), funnelText(funnel));
  writeFileAtomic(join(results, RESULT_FILES.html), funnelHtml(funnel, previews));
  if (previews.length > 0) writeFileAtomic(join(results, RESULT_FILES.sheet), await contactSheet(previews));
}
