import { builtinSegmenters } from "@pixelvla/segmenters";
import { detectedGripper } from "../gripper/detected-gripper.ts";
import type { GripperDetectorPlugin } from "../gripper/gripper-detector.ts";
import { trackedGripper } from "../gripper/tracked-gripper.ts";
import { builtinReasoners } from "../reasoning/reasoners.ts";
import { createAnnotatorRegistry, type AnnotatorRegistry } from "./registry.ts";

/** Every gripper detector of this package. */
export const builtinGripperDetectors: readonly GripperDetectorPlugin[] = [trackedGripper, detectedGripper];

/** Every plugin an annotation recipe can name out of the box. */
export const builtinAnnotatorRegistry = (): AnnotatorRegistry =>
  createAnnotatorRegistry([...builtinSegmenters, ...builtinReasoners, ...builtinGripperDetectors]);
