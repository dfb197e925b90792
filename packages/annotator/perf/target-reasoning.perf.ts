import { openReasoner } from "../src/index.ts";
import {
  haveLists,
  isRight,
  labelledList,
  liberoInstructions,
  listNames,
  ownInstructions,
} from "../test/support/instruction-lists.ts";

/** `npm run perf -- target-reasoning`: accuracy per list and time per instruction, dictionary look-ups included. */
export const perf = {
  name: "target-reasoning",
  title: "Target reasoning: accuracy of the built-in grammar per instruction list",
  peers: [],
  async ours() {
    const lists = haveLists
      ? { libero: liberoInstructions(), ...Object.fromEntries(listNames.map((name) => [name, labelledList(name)])) }
      : {};
    const all = { "hand-written": ownInstructions(), ...lists };
    const reasoner = await openReasoner({ name: "grammar" });
    const facts: Record<string, string> = {};
    for (const [name, rows] of Object.entries(all)) {
      let right = 0;
      let named = 0;
      let wrong = 0;
      for (const row of rows) {
        const answer = await reasoner.reason(row.instruction);
        const alternatives = { target: answer.alternatives?.join(" or ") };
        const isHit = isRight(answer, row) || isRight(alternatives as { target?: string }, row);
        if (isHit) right++;
        if (answer.target !== undefined) named++;
        if (answer.target !== undefined && !isHit) wrong++;
      }
      const share = ((100 * right) / rows.length).toFixed(1);
      facts[name] = `${share} % right (${right} of ${rows.length}; ${named} with a target, ${wrong} of them wrong)`;
    }
    const instructions = Object.values(all).flatMap((rows) => rows.map(({ instruction }) => instruction));
    return {
      async run() {
        const fresh = await openReasoner({ name: "grammar" });
        for (const instruction of instructions) await fresh.reason(instruction);
      },
      work: { amount: instructions.length, unit: "instruction" },
      facts,
      close: () => Promise.resolve(),
    };
  },
};
