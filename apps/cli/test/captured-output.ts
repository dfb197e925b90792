import { afterEach, beforeEach, vi } from "vitest";

/** What commands of the running test have printed. Call once a file; every test begins with nothing. */
export function captureOutput(): { readonly stdout: string; readonly stderr: string; clear(): void } {
  const output = {
    stdout: "",
    stderr: "",
    clear() {
      output.stdout = output.stderr = "";
    },
  };
  beforeEach(() => {
    output.clear();
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((output.stdout += String(text)), true));
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((output.stderr += String(text)), true));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  return output;
}
