import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { readAnnotationJob } from "@pixelvla/annotator";
import { openAnnotations, REVIEW_DECISIONS, type ReviewDecision } from "@pixelvla/data";
import { defineCommand } from "citty";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { oneOf } from "../data/options.ts";

const VERDICTS = ["accept", "reject", "hard", "fixed", "undo"] as const;
const DECISIONS: Readonly<Record<Exclude<(typeof VERDICTS)[number], "undo">, ReviewDecision>> = {
  accept: "accepted",
  reject: "rejected",
  hard: "hard",
  fixed: "corrected",
};

export const annotateReviewCommand = defineCommand({
  meta: { name: "review", description: "List annotations by doubt, or decide on one" },
  args: {
    folder: { type: "positional", required: true, description: "Annotation job, sidecar, or dataset with annotations" },
    episode: { type: "string", description: "Episode to decide on" },
    verdict: { type: "string", description: "accept, reject, hard, fixed, or undo" },
    note: { type: "string", default: "", description: "Why" },
    author: { type: "string", description: "Who decides (default: the user's name)" },
    decision: { type: "string", description: `List only these: ${REVIEW_DECISIONS.join(", ")}` },
    limit: { type: "string", default: "20", description: "Episodes to list" },
    ...jsonArg,
  },
  async run({ args }) {
    const reader = await openAnnotations(await storeOf(resolve(args.folder)));
    const { index } = reader;
    try {
      if (args.episode !== undefined || args.verdict !== undefined) {
        const episode = wholeNumber("--episode", args.episode ?? "");
        const verdict = oneOf("--verdict", args.verdict ?? "", VERDICTS);
        const author = args.author ?? userInfo().username;
        const review =
          verdict === "undo"
            ? await index.undo(episode, author, args.note)
            : await index.decide(episode, DECISIONS[verdict], author, args.note);
        printResult(args.json, review ?? null, () => `episode ${episode}: ${review?.decision ?? "pending"}`);
        return;
      }
      const decisions =
        args.decision === undefined ? undefined : [oneOf("--decision", args.decision, REVIEW_DECISIONS)];
      const pageSize = wholeNumber("--limit", args.limit);
      const { total, rows } = await index.episodes({ sort: "doubt", decisions, pageSize });
      printResult(args.json, { total, rows }, () =>
        [
          formatTable([
            ["episode", "doubt", "decision", "phrase", "masks", "reason"],
            ...rows.map((r) => [
              r.episodeIndex,
              r.doubt.toFixed(2),
              r.decision,
              r.phrase,
              `${r.nWithMask}/${r.nAnnotated}`,
              r.doubtReason,
            ]),
          ]),
          ...(total > rows.length ? [`… and ${total - rows.length} more (--limit)`] : []),
        ].join("\n"),
      );
    } finally {
      await reader.close();
    }
  },
});

async function storeOf(folder: string): Promise<string> {
  if (!existsSync(join(folder, "config.yaml"))) return folder;
  return (await readAnnotationJob(folder)).sidecar ?? join(folder, "annotations");
}
