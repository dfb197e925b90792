// Prints "N passed, N failed" summed over every suite's own reporter file (.cache/test-results.json).
// Usage: node tools/ci/sum-results.mjs [failures of other checks]
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const projects = ["packages", "apps", "apps/studio", "."].flatMap((parent) =>
  existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [],
);
const files = [...new Set(projects)]
  .map((dir) => join(dir, ".cache", "test-results.json"))
  .filter((f) => existsSync(f));

let passed = 0;
let failed = Number(process.argv[2] ?? 0);
let skipped = 0;
for (const file of files) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A suite that cannot be loaded has no failed test of its own.
  failed += report.testResults.filter((s) => s.status === "failed" && s.assertionResults.length === 0).length;
}
console.log(`${files.length} suites, ${skipped} tests skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
