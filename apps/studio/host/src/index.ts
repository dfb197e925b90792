export { startStudioHost, type StudioHost, type StudioHostOptions } from "./studio-host.ts";
export { findAppDir } from "./app-dir.ts";
export { contentSecurityPolicy } from "./net/app-files.ts";
