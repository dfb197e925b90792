// Loaded before a child process's module when that runs from TypeScript source (see worker-entry.ts). By its own place, not by the
// child's working directory, which may have no node_modules.
import { register } from "tsx/esm/api";

register();
