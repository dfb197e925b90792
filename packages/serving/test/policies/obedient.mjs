// A policy whose behaviour the instruction commands: for tests of the server, not of policies.

/* global setTimeout */
export const createPolicy = () => ({
  name: "obedient",
  stateDim: 2,
  executeSteps: 2,
  async act({ image, state, instruction }) {
    if (instruction === "throw") throw new Error("the model fell over");
    if (instruction === "nan") return { chunkSize: 1, actions: new Float32Array(7).fill(NaN) };
    if (instruction === "die") process.kill(process.pid, "SIGKILL");
    if (instruction.startsWith("wait ")) await new Promise((done) => setTimeout(done, Number(instruction.slice(5))));
    // Row k: the mean of the image, the state, and k.
    const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
    const actions = Float32Array.from(
      { length: 4 * 7 },
      (_, i) => [mean, state[0], state[1], Math.floor(i / 7), 0.25, 0.5, 1][i % 7],
    );
    return { chunkSize: 4, actions };
  },
});
