/** A growable or fixed block of memory; ours are fixed, so `buffer` stays valid. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of the WebAssembly interface used here: Node has it, TypeScript's Node types do not declare it. */
export const webAssembly = (
  globalThis as unknown as {
    WebAssembly: {
      readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
      readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: object };
    };
  }
).WebAssembly;
