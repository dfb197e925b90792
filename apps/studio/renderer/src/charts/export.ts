import { showToast } from "../feedback/toasts.tsx";
import { toCsv, type ChartData } from "./chart-data.ts";
import { toSvg } from "./to-svg.ts";

/** Forms a plot can be saved in. */
export type ExportFormat = "csv" | "svg" | "png";

async function toPng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width * 2, image.height * 2);
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/png" });
  } finally {
    URL.revokeObjectURL(url);
  }
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves a plot to a file named after its title. */
export async function exportChart(chart: ChartData, format: ExportFormat): Promise<void> {
  const name = `${chart.title.replace(/[^\w.-]+/g, "-")}.${format}`;
  try {
    if (format === "csv") download(new Blob([toCsv(chart)], { type: "text/csv" }), name);
    else if (format === "svg") download(new Blob([toSvg(chart)], { type: "image/svg+xml" }), name);
    else download(await toPng(toSvg(chart)), name);
    showToast({ kind: "ok", text: `Saved ${name}` });
  } catch (error) {
    showToast({
      kind: "fail",
      text: `Saving ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

/** Saves text as a file. */
export function downloadText(text: string, name: string): void {
  download(new Blob([text], { type: "text/plain" }), name);
}
