import { CAUSES } from "./causes.ts";
import type { Funnel } from "./funnel.ts";
import type { StoredPreview } from "../sheet/preview-store.ts";

/** The funnel as one page that needs nothing else: styles and thumbnails are inside. */
export function funnelHtml(funnel: Funnel, previews: readonly StoredPreview[]): string {
  const bar = (label: string, n: number, left: number, isKept: boolean, detail: string) => `
    <tr><th scope="row">${label}</th><td class="n">${n}</td><td class="n">${share(n, funnel.nIn)}</td>
      <td class="bar"><i class="${isKept ? "kept" : "gone"}" style="left:${width(isKept ? 0 : left, funnel.nIn)};width:${width(n, funnel.nIn)}"></i></td>
      <td class="why">${detail}</td></tr>`;
  const rows = funnel.dropped.map(({ cause, meaning, nDropped, nLeft, examples }) =>
    bar(
      cause,
      nDropped,
      nLeft,
      false,
      `${escape(meaning)}${examples[0] === undefined ? "" : `<br><small>episode ${examples[0].episodeIndex}: ${escape(examples[0].detail)}</small>`}`,
    ),
  );
  const { kept } = funnel;
  const keptDetail = `${kept.nFramesWithMask} of ${kept.nFrames} frames have a mask; mean score ${kept.meanScore.toFixed(2)}, mean doubt ${kept.meanDoubt.toFixed(2)}`;
  const groups = [undefined, ...funnel.dropped.map(({ cause }) => cause)].map((cause) => {
    const shown = previews.filter((preview) => preview.cause === cause);
    if (shown.length === 0) return "";
    const title = cause === undefined ? "Kept" : `${cause}: ${escape(CAUSES[cause])}`;
    return `<h2>${title}</h2><div class="grid">${shown.map(figure).join("")}</div>`;
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Annotation funnel: ${escape(funnel.dataset)}</title>
<style>
  :root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif }
  body { max-width: 1200px; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1rem; margin: 2rem 0 .5rem; font-weight: 600 }
  table { border-collapse: collapse; width: 100%; margin-top: 1rem }
  th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-top: 1px solid #8883 }
  th { font-weight: 600; white-space: nowrap } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
  .bar { position: relative; width: 34%; min-width: 8rem } .bar i { position: absolute; top: .55rem; height: .7rem; border-radius: 2px; min-width: 1px }
  .kept { background: #0072b2 } .gone { background: #d55e00 } .why { width: 36% } small { opacity: .7; overflow-wrap: anywhere }
  .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: .8rem }
  figure { margin: 0 } img { width: 100%; border-radius: 4px; display: block; background: #8882 } figcaption { font-size: 12px; margin-top: .2rem; overflow-wrap: anywhere }
</style>
<h1>Annotation funnel</h1>
<p>${escape(funnel.dataset)}, recipe ${escape(funnel.recipe)}, run ${escape(funnel.run)}: ${funnel.nIn} episodes in, ${funnel.nDropped} dropped (${share(funnel.nDropped, funnel.nIn)}), ${funnel.nKept} kept.</p>
${funnel.failure === null ? "" : `<p><b>The job failed.</b> ${escape(`${funnel.failure.code}  ${funnel.failure.message}`)}</p>`}
<table><thead><tr><th>cause</th><th class="n">episodes</th><th class="n">share</th><th></th><th></th></tr></thead><tbody>
${bar("in", funnel.nIn, 0, true, "")}${rows.join("")}${bar("kept", funnel.nKept, 0, true, keptDetail)}
</tbody></table>
${groups.join("\n")}
<p><small>Blue contour and tint: target mask. Orange box: gripper when it closes. Dashed white box: region in which the target was sought. Dots: point prompts.</small></p>
</html>
`;
}

function figure({ episodeIndex, task, caption, jpeg }: StoredPreview): string {
  const text = `<b>${episodeIndex}</b> ${escape(task)}<br><small>${escape(caption)}</small>`;
  return `<figure><img loading="lazy" alt="episode ${episodeIndex}: ${escape(caption)}" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}"><figcaption>${text}</figcaption></figure>`;
}

const share = (n: number, all: number) => `${all === 0 ? "0.0" : ((100 * n) / all).toFixed(1)} %`;
const width = (n: number, all: number) => `${all === 0 ? 0 : (100 * n) / all}%`;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
