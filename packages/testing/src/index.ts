export {
  goldenDifferences,
  openGolden,
  relativeDifference,
  type Golden,
  type GoldenCheck,
  type GoldenDifference,
} from "./golden.ts";
