export {
  goldenDifferences,
  openGolden,
  relativeDifference,
  type Golden,
  type GoldenCheck,
  type GoldenDifference,
} from "./golden.ts";
export { largestDifference, randomFeeds, runGraph, runGraphs, type GraphFeeds } from "./run-graph.ts";
