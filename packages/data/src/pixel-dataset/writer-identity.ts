import { readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Who writes: host (and its process-number namespace, so that containers do not mistake one another), process, and a
 * serial number within it. Part of folder names, hence without separators.
 */
export function writerIdentity(): string {
  serial++;
  return `${here()}~${process.pid}~${Date.now().toString(36)}${serial.toString(36)}`;
}
let serial = 0;

/** Whether the writer named by `identity` is known to be gone. Writers on other machines never are. */
export function isWriterGone(identity: string): boolean {
  const [host, pid] = identity.split("~");
  if (host !== here() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function here(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
  } catch {
    // Not Linux: the host name alone tells machines apart.
  }
  return `${hostname()}-${namespace}`.replace(/[^\w.-]/g, "_");
}
