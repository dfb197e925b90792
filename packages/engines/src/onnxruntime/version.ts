import { env } from "onnxruntime-node";

/** Version of the onnxruntime that runs programs; results may differ in their last bits between versions. */
export const ONNXRUNTIME_VERSION: string = env.versions.node ?? env.versions.common;
