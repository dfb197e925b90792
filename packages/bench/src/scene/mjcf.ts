import { EMBODIMENTS, type Embodiment } from "../embodiments/embodiment.ts";
import { CABINET, cabinetParts, DRAWER_FRAMES, drawerParts } from "./cabinet.ts";
import { colourNamed, receptacleNamed, shapeNamed, type Part } from "./catalogue.ts";
import type { SceneSpec } from "./scene-spec.ts";

/** What a geom belongs to and how it is painted; index = MuJoCo geom id. */
export interface GeomInfo {
  /** `"table"`, `"floor"`, `"wall"`, `"cabinet"`, `"hand"`, `"finger-left"`, `"finger-right"`, `"drawer:top"`, …, or an object id. */
  readonly owner: string;
  readonly rgb: readonly [number, number, number];
  /** Which procedural texture paints it; `plain` uses `rgb` alone. */
  readonly paint: "plain" | "table" | "floor" | "wall" | "wood";
  readonly dynamic: boolean;
}

/** A world as MuJoCo XML, and what its geoms are. */
export interface World {
  readonly xml: string;
  readonly geoms: readonly GeomInfo[];
}

type Rgb = readonly [number, number, number];
const STATIC_GROUP = 0;
const DYNAMIC_GROUP = 1;

/** Table top: the plane z = 0 over this rectangle. */
export const TABLE = { minXM: -0.4, maxXM: 0.42, halfYM: 0.48 } as const;

/**
 * Builds the MJCF of a scene. Joint order: hand x, y, z, yaw, pitch, roll, left finger, right finger; then the three drawers
 * where there is a cabinet; then a free joint per object. Actuators: the eight gripper joints.
 */
export function buildWorld(scene: SceneSpec): World {
  const embodiment = EMBODIMENTS[scene.embodiment];
  const geoms: GeomInfo[] = [];
  const geom = (part: Part, info: Omit<GeomInfo, "rgb">, rgb: Rgb, extra: string): string => {
    geoms.push({ ...info, rgb: part.rgb ?? rgb });
    return geomXml(part, `group="${info.dynamic ? DYNAMIC_GROUP : STATIC_GROUP}" ${extra}`);
  };

  const fixed: string[] = [];
  const tableHalfX = (TABLE.maxXM - TABLE.minXM) / 2;
  const still = (owner: string, paint: GeomInfo["paint"]) => ({ owner, paint, dynamic: false });
  fixed.push(
    geom(
      { type: "box", size: [tableHalfX, TABLE.halfYM, 0.02], position: [(TABLE.minXM + TABLE.maxXM) / 2, 0, -0.02] },
      still("table", "table"),
      [0.8, 0.7, 0.55],
      SOLID,
    ),
    geom({ type: "box", size: [3, 3, 0.02], position: [0, 0, -0.62] }, still("floor", "floor"), [0.5, 0.5, 0.5], GHOST),
    geom(
      { type: "box", size: [0.02, 3, 1.5], position: [-1.1, 0, 0.9] },
      still("wall", "wall"),
      [0.8, 0.8, 0.8],
      GHOST,
    ),
  );
  if (scene.drawerOpeningsM)
    for (const part of cabinetParts()) fixed.push(geom(part, still("cabinet", "wood"), CABINET.rgb, SOLID));

  const bodies = [handXml(embodiment, scene, geom)];
  if (scene.drawerOpeningsM)
    for (const { name, zM } of DRAWER_FRAMES) {
      const info = { owner: `drawer:${name}`, paint: "wood", dynamic: true } as const;
      const parts = drawerParts(name).map((part) => geom({ ...part }, info, CABINET.drawerRgb, DRAWER));
      bodies.push(
        `<body pos="${CABINET.frontXM} 0 ${zM}"><joint type="slide" axis="1 0 0" range="0 ${CABINET.travelM + 0.01}" limited="true" frictionloss="0.3" damping="4" armature="0.05"/><inertial pos="-0.1 0 0" mass="0.4" diaginertia="0.004 0.004 0.004"/>${parts.join("")}</body>`,
      );
    }
  for (const object of scene.objects) {
    const receptacle = receptacleNamed(object.shape);
    const { parts, massKg, restHeightM } = receptacle ?? shapeNamed(object.shape);
    const rgb = receptacle?.rgb ?? colourNamed(object.colour).rgb;
    const rolls = receptacle === undefined && shapeNamed(object.shape).rolls;
    const info = { owner: object.id, paint: "plain", dynamic: true } as const;
    const solidParts = parts.filter((part) => part.rgb === undefined).length;
    const children = parts.map((part) =>
      geom(
        part,
        info,
        rgb,
        part.rgb ? `${GHOST} mass="0"` : `${rolls ? ROLLING : SOLID} mass="${massKg / solidParts}"`,
      ),
    );
    const half = object.yawRad / 2;
    bodies.push(
      `<body pos="${object.xM} ${object.yM} ${restHeightM}" quat="${Math.cos(half)} 0 0 ${Math.sin(half)}"><freejoint/>${children.join("")}</body>`,
    );
  }
  return { xml: documentXml(embodiment, fixed.join(""), bodies.join("")), geoms };
}

const SOLID = 'friction="0.6 0.01 0.0005" condim="4"';
const ROLLING = 'friction="0.6 0.01 0.004" condim="6"';
const PAD = 'friction="2 0.05 0.001" condim="4" priority="1" mass="0.02"';
const DRAWER = 'friction="0.6 0.01 0.0005" condim="4"';
const GHOST = 'contype="0" conaffinity="0"';

function geomXml(part: Part, attributes: string): string {
  const position = part.position ? ` pos="${part.position.join(" ")}"` : "";
  const euler = part.eulerRad ? ` euler="${part.eulerRad.join(" ")}"` : "";
  return `<geom type="${part.type}" size="${part.size.join(" ")}"${position}${euler} ${attributes}/>`;
}

function handXml(
  embodiment: Embodiment,
  scene: SceneSpec,
  geom: (part: Part, info: Omit<GeomInfo, "rgb">, rgb: Rgb, extra: string) => string,
): string {
  const [x, y, z] = scene.startPositionM;
  const own = (owner: string) => ({ owner, paint: "plain", dynamic: true }) as const;
  const hand = embodiment.handParts.map((part) => geom(part, own("hand"), part.rgb, `${SOLID} mass="0.1"`)).join("");
  const finger = (side: "left" | "right") => {
    const sign = side === "left" ? 1 : -1;
    const parts = embodiment.fingerParts.map((part) => {
      const [px, py, pz] = part.position ?? [0, 0, 0];
      const [roll, pitch, yaw] = part.eulerRad ?? [0, 0, 0];
      const mirrored: Part = { ...part, position: [px, sign * py, pz], eulerRad: [sign * roll, pitch, sign * yaw] };
      return geom(mirrored, own(`finger-${side}`), part.rgb, PAD);
    });
    return `<body gravcomp="1"><joint name="${side}" type="slide" axis="0 ${sign} 0" range="-0.001 ${embodiment.fingerTravelM}" limited="true" damping="2" armature="0.02"/>${parts.join("")}</body>`;
  };
  return `<body gravcomp="1">
<joint name="x" type="slide" axis="1 0 0" ref="${x}" damping="4" armature="0.2"/>
<joint name="y" type="slide" axis="0 1 0" ref="${y}" damping="4" armature="0.2"/>
<joint name="z" type="slide" axis="0 0 1" ref="${z}" damping="4" armature="0.2"/>
<joint name="yaw" type="hinge" axis="0 0 1" damping="0.1" armature="0.01"/>
<joint name="pitch" type="hinge" axis="0 1 0" damping="0.1" armature="0.01"/>
<joint name="roll" type="hinge" axis="1 0 0" damping="0.1" armature="0.01"/>
${hand}${finger("left")}${finger("right")}</body>`.replace(
    '<body gravcomp="1">',
    `<body gravcomp="1" pos="${x} ${y} ${z}">`,
  );
}

function documentXml(embodiment: Embodiment, fixed: string, bodies: string): string {
  const servo = (joint: string, kp: number, kv: number) =>
    `<position joint="${joint}" kp="${kp}" kv="${kv}" ctrllimited="false"/>`;
  const grip = (joint: string) =>
    `<position joint="${joint}" kp="120" kv="8" ctrllimited="false" forcelimited="true" forcerange="-6 6"/>`;
  return `<mujoco>
<compiler angle="radian" autolimits="false" eulerseq="XYZ"/>
<option timestep="${embodiment.timestepS}" integrator="implicitfast" cone="elliptic" impratio="5"><flag autoreset="disable"/></option>
<size memory="2M"/>
<worldbody>${fixed}${bodies}</worldbody>
<actuator>${servo("x", 800, 60)}${servo("y", 800, 60)}${servo("z", 800, 60)}${servo("yaw", 20, 1.2)}${servo("pitch", 40, 2)}${servo("roll", 40, 2)}${grip("left")}${grip("right")}</actuator>
</mujoco>`;
}
