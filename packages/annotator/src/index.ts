// Target reasoning
export {
  defineTargetReasoner,
  type TargetAnswer,
  type TargetReasoner,
  type TargetReasonerPlugin,
} from "./reasoning/target-reasoner.ts";
export { builtinReasoners, openReasoner } from "./reasoning/reasoners.ts";
