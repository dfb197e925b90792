import { open, type FileHandle } from "node:fs/promises";

/**
 * Reads byte ranges of a file whose descriptor may be given back at any time: `release` closes it once no read is under
 * way, and the next read opens it again. So a cache may evict what somebody still holds.
 */
export class FileSlices {
  readonly path: string;
  readonly sizeBytes: number;
  #handle: Promise<FileHandle> | undefined;
  #users = 0;
  #releasing = false;

  private constructor(path: string, handle: FileHandle, sizeBytes: number) {
    this.path = path;
    this.#handle = Promise.resolve(handle);
    this.sizeBytes = sizeBytes;
  }

  static async open(path: string): Promise<FileSlices> {
    const handle = await open(path, "r");
    try {
      return new FileSlices(path, handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes `start` to `end`; shorter where the file ends before. */
  async slice(start: number, end = this.sizeBytes): Promise<ArrayBuffer> {
    this.#users++;
    this.#handle ??= open(this.path, "r");
    try {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, this.sizeBytes) - start));
      const handle = await this.#handle;
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) return bytes.buffer.slice(0, done);
        done += bytesRead;
      }
      return bytes.buffer;
    } finally {
      this.#users--;
      if (this.#releasing) await this.release();
    }
  }

  async release(): Promise<void> {
    this.#releasing = this.#users > 0;
    if (this.#releasing) return;
    const handle = this.#handle;
    this.#handle = undefined;
    await (await handle)?.close();
  }
}
