/** Changes to a recipe as typed: one a line, `path = value`. */

const pathPattern = /^[A-Za-z][\w-]*(\.[\w-]+)*$/;

function valueOf(text: string): string | number | boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  if (text !== "" && Number.isFinite(Number(text))) return Number(text);
  return text.replace(/^(["'])(.*)\1$/, "$2");
}

/** Reads the lines; blank ones and those after `#` are passed over. Each unreadable line gives a sentence. */
export function parseOverrides(text: string): {
  overrides: Record<string, string | number | boolean>;
  errors: string[];
} {
  const overrides: Record<string, string | number | boolean> = {};
  const errors: string[] = [];
  text.split("\n").forEach((raw, index) => {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") return;
    const [, path = "", value = ""] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (pathPattern.test(path) && value !== "") overrides[path] = valueOf(value);
    else errors.push(`Line ${index + 1}: needs a path and a value, such as training.steps = 400.`);
  });
  return { overrides, errors };
}
