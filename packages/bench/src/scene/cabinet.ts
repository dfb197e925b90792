import type { Part } from "./catalogue.ts";
import { DRAWERS, type DrawerName } from "./scene-spec.ts";

/** A cabinet with three drawers one above the other. It stands behind the table's middle and opens towards +x. */
export const CABINET = {
  /** x of the closed drawer fronts. */
  frontXM: -0.15,
  depthM: 0.24,
  halfWidthM: 0.15,
  drawerHeightM: 0.056,
  wallM: 0.006,
  /** How far a drawer can be pulled. */
  travelM: 0.2,
  rgb: [0.62, 0.45, 0.3] as const,
  drawerRgb: [0.78, 0.6, 0.42] as const,
  handleRgb: [0.25, 0.26, 0.3] as const,
};

/** Handles are staggered to the side, so that each can be reached from above: y and z of the grip bar, and its x before the front. */
export const HANDLES: Readonly<Record<DrawerName, { yM: number; zM: number }>> = {
  top: { yM: 0.085, zM: drawerCentreZ(0) },
  middle: { yM: 0, zM: drawerCentreZ(1) },
  bottom: { yM: -0.085, zM: drawerCentreZ(2) },
};

/** Distance of the grip bar's axis from the drawer front. */
export const HANDLE_REACH_M = 0.05;

/** Top of the cabinet above the table. */
export const CABINET_TOP_M = 3 * CABINET.drawerHeightM + CABINET.wallM;

function drawerCentreZ(index: number): number {
  return (2 - index + 0.5) * CABINET.drawerHeightM;
}

/** The fixed carcass: sides, top, back. */
export function cabinetParts(): Part[] {
  const { frontXM, depthM, halfWidthM, wallM } = CABINET;
  const centreX = frontXM - depthM / 2 - 0.008;
  const height = 3 * CABINET.drawerHeightM;
  return [
    { type: "box", size: [depthM / 2, wallM / 2, height / 2], position: [centreX, halfWidthM, height / 2] },
    { type: "box", size: [depthM / 2, wallM / 2, height / 2], position: [centreX, -halfWidthM, height / 2] },
    {
      type: "box",
      size: [depthM / 2 + 0.008, halfWidthM + wallM, wallM / 2],
      position: [centreX + 0.008, 0, height + wallM / 2],
    },
  ];
}

/** A drawer in its own frame; the frame's origin is the middle of the closed front's face. */
export function drawerParts(name: DrawerName): Part[] {
  const { depthM, halfWidthM, drawerHeightM } = CABINET;
  const handleY = HANDLES[name].yM;
  const halfHeight = drawerHeightM / 2 - 0.0015;
  const steel = CABINET.handleRgb;
  const post = (y: number): Part => ({
    type: "box",
    size: [HANDLE_REACH_M / 2, 0.0035, 0.0035],
    position: [HANDLE_REACH_M / 2, handleY + y, 0],
    rgb: steel,
  });
  return [
    { type: "box", size: [0.006, halfWidthM - 0.005, halfHeight], position: [-0.006, 0, 0] },
    {
      type: "box",
      size: [depthM / 2 - 0.02, halfWidthM - 0.012, 0.003],
      position: [-depthM / 2, 0, -halfHeight + 0.004],
    },
    {
      type: "box",
      size: [depthM / 2 - 0.02, 0.003, halfHeight * 0.7],
      position: [-depthM / 2, halfWidthM - 0.014, -0.005],
    },
    {
      type: "box",
      size: [depthM / 2 - 0.02, 0.003, halfHeight * 0.7],
      position: [-depthM / 2, 0.014 - halfWidthM, -0.005],
    },
    { type: "box", size: [0.0045, 0.034, 0.0055], position: [HANDLE_REACH_M, handleY, 0], rgb: steel },
    post(0.031),
    post(-0.031),
  ];
}

/** Every drawer from above, with the height of its frame's origin. */
export const DRAWER_FRAMES: readonly { readonly name: DrawerName; readonly zM: number }[] = DRAWERS.map(
  (name, index) => ({ name, zM: drawerCentreZ(index) }),
);
