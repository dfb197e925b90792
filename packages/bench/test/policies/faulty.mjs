/** A policy whose fault is chosen by option: what the fault handling is tested with. */
export function createPolicy({ fault, seed }) {
  let key;
  const chunk = (values) => ({ chunkSize: 1, actions: Float32Array.from(values) });
  const still = [0, 0, 0, 0, 0, 0, 1];
  return {
    name: `faulty-${fault}`,
    usesImage: false,
    reset({ episode }) {
      key = episode;
    },
    act() {
      if (seed !== undefined && key.seed !== seed) return chunk(still);
      switch (fault) {
        case "throw":
          throw new Error("the network is gone");
        case "nan":
          return chunk([0, Number.NaN, 0, 0, 0, 0, 1]);
        case "shape":
          return { chunkSize: 2, actions: new Float32Array(7) };
        case "nothing":
          return undefined;
        case "huge":
          return chunk([1e9, -1e9, 1e9, 99, -99, 99, 50]);
        case "exit":
          process.exit(3);
          break;
        case "hang":
          for (;;);
        default:
          return chunk(still);
      }
    },
  };
}
