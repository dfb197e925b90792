import { join } from "node:path";
import { jobPaths } from "@pixelvla/jobs";

/** Where the report lies in the results of the main job in `dir`. */
export const reportFiles = (dir: string) => ({
  markdown: join(jobPaths(dir).results, "report.md"),
  html: join(jobPaths(dir).results, "report.html"),
  json: join(jobPaths(dir).results, "report.json"),
});
