/** The host itself: what it is, where it works, and how busy its machine is. */

/** One accelerator or processor a policy can run on. */
export interface DeviceItem {
  readonly name: string;
  /** `"cpu"`, `"cuda"`, `"webgpu"`, … */
  readonly kind: string;
  readonly isAvailable: boolean;
  /** Why it is or is not available, in words. */
  readonly detail: string;
}

/** What the host is. `hostId` changes with every start: a renderer that sees a new one asks everything again. */
export interface HostInfo {
  readonly hostId: string;
  readonly version: string;
  /** Folder name of the workspace, and its absolute path. */
  readonly workspaceName: string;
  readonly workspacePath: string;
  readonly startedAt: string;
  readonly hostname: string;
  readonly platform: string;
  readonly nodeVersion: string;
  readonly cpuModel: string;
  readonly nCpus: number;
  readonly memoryBytes: number;
}

/** Use of one accelerator. */
export interface GpuLoad {
  readonly name: string;
  /** Fraction, 0 to 1. */
  readonly utilisation: number;
  readonly memoryUsedBytes: number;
  readonly memoryBytes: number;
}

/** Use of the machine now. */
export interface LoadSample {
  /** ISO 8601. */
  readonly at: string;
  /** Fraction of all cores, 0 to 1. */
  readonly cpu: number;
  readonly memoryUsedBytes: number;
  readonly memoryBytes: number;
  readonly gpus: readonly GpuLoad[];
}

/** What the host must provide about itself. */
export interface SystemService {
  info(): HostInfo;
  devices(): Promise<readonly DeviceItem[]>;
  load(signal: AbortSignal): AsyncIterable<LoadSample>;
}
