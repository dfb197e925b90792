import { open } from "node:fs/promises";
import type { Dataset as Hdf5Dataset, File as Hdf5Handle, Group } from "h5wasm/node";
import { badHdf5, lfsPointer } from "../errors.ts";
import type { NumericColumn } from "../standardise/recorded.ts";

type H5wasm = typeof import("h5wasm/node");
let loading: Promise<H5wasm> | undefined;

/** An open HDF5 file. Data are read by slice, never whole; reading is synchronous inside WebAssembly. */
export class Hdf5File {
  readonly name: string;
  readonly #h5: H5wasm;
  readonly #file: Hdf5Handle;

  private constructor(name: string, h5: H5wasm, file: Hdf5Handle) {
    this.name = name;
    this.#h5 = h5;
    this.#file = file;
  }

  /** @throws PVLA_DATA_LFS_POINTER, PVLA_DATA_HDF5 */
  static async open(path: string, name: string): Promise<Hdf5File> {
    await checkSignature(path, name);
    loading ??= import("h5wasm/node").then(async (h5) => {
      (await h5.ready).activate_throwing_error_handler(); // errors as exceptions, not as prints on stderr
      return h5;
    });
    const h5 = await loading;
    try {
      const file = new h5.File(path, "r");
      if (file.file_id < 0n) throw new Error("it does not open");
      return new Hdf5File(name, h5, file);
    } catch (cause) {
      throw badHdf5(name, "", `no readable HDF5 file (${text(cause)})`, {}, cause);
    }
  }

  /** Names in a group. @throws PVLA_DATA_HDF5 */
  keys(path: string): string[] {
    return this.#guard(path, () => this.#group(path).keys());
  }

  /** A text or number attribute, undefined where there is none. */
  attribute(path: string, name: string): unknown {
    return this.#guard(path, () => this.#group(path).attrs[name]?.value ?? undefined);
  }

  /** Shape of a dataset, undefined where there is none. */
  shape(path: string): number[] | undefined {
    return this.#guard(path, () => {
      const found = this.#file.get(path);
      return found instanceof this.#h5.Dataset ? (found.shape ?? undefined) : undefined;
    });
  }

  /** A numeric dataset `[R, width]` as float32. @throws PVLA_DATA_HDF5 */
  numeric(path: string): NumericColumn {
    return this.#guard(path, () => {
      const dataset = this.#dataset(path);
      const shape = dataset.shape ?? [];
      const value = dataset.value;
      if (!ArrayBuffer.isView(value)) throw new Error("no numeric array");
      const values = Float32Array.from(value as unknown as ArrayLike<number | bigint>, Number);
      return { values, width: shape.slice(1).reduce((a, b) => a * b, 1) };
    });
  }

  /** Row `index` of a uint8 dataset `[R, ...]`: its bytes and inner shape. @throws PVLA_DATA_HDF5 */
  row(path: string, index: number): { data: Uint8Array; shape: number[] } {
    return this.#guard(path, () => {
      const dataset = this.#dataset(path);
      const shape = (dataset.shape ?? []).slice(1);
      const data = dataset.slice([[index, index + 1], ...shape.map((): [] => [])]);
      if (!(data instanceof Uint8Array)) throw new Error(`values of type ${JSON.stringify(dataset.dtype)}, no uint8`);
      return { data, shape };
    });
  }

  close(): void {
    this.#file.close();
  }

  #group(path: string): Group {
    const found = this.#file.get(path);
    if (found instanceof this.#h5.Group) return found;
    throw new Error("no such group");
  }

  #dataset(path: string): Hdf5Dataset {
    const found = this.#file.get(path);
    if (found instanceof this.#h5.Dataset) return found;
    throw new Error("no such dataset");
  }

  #guard<T>(path: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw badHdf5(this.name, path, text(cause), {}, cause);
    }
  }
}

async function checkSignature(path: string, name: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    const head = Buffer.alloc(64);
    const { bytesRead } = await handle.read(head, 0, 64, 0);
    const start = head.subarray(0, bytesRead).toString("latin1");
    if (start.startsWith("version https://git-lfs")) throw lfsPointer(name);
    if (!start.startsWith("\x89HDF\r\n\x1a\n")) throw badHdf5(name, "", "no HDF5 file (its signature is missing)");
  } finally {
    await handle.close();
  }
}

const text = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!;
