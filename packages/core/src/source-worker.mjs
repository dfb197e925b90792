// Worker-thread entry for code run from TypeScript source (see worker-entry.ts): registers tsx, then loads the module.
import { register } from "tsx/esm/api";

register();
await import(process.argv[2]);
