// A host in a process of its own, for tests that kill it: prints the address of its websocket.
import { startStudioHost } from "../../src/index.ts";

const host = await startStudioHost({ workspace: process.argv[2] ?? "" });
process.stdout.write(`${host.rpcUrl}\n`);
