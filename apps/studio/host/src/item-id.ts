import { createHash } from "node:crypto";

/** A readable name that is safe in a URL, and the same for the same path: `octo-bridge-debug-1f9a03c2`. At most `maxLength` characters. */
export function itemId(name: string, path: string, maxLength = 64): string {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 8);
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, maxLength - hash.length - 1)
    .replace(/-+$/, "");
  return slug === "" ? hash : `${slug}-${hash}`;
}
