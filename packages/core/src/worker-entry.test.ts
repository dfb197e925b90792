import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

import { workerEntry } from "./worker-entry.ts";

test("a process from TypeScript source starts in any working directory", () => {
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-worker-entry-"));
  try {
    const file = join(folder, "child.ts");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(file, "const answer: number = 42;\nconsole.log(answer, process.cwd());\n");
    const { url, options } = workerEntry(pathToFileURL(join(folder, "caller.ts")).href, "./child").process;
    expect(url.href).toBe(pathToFileURL(file).href);
    const output = execFileSync(process.execPath, [...options.execArgv, file], { cwd: folder, encoding: "utf8" });
    expect(output).toContain("42");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
