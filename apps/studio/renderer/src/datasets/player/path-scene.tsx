import { useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useThree } from "@react-three/fiber";
import { Box3, DoubleSide, Group, Vector3, type Camera, type Mesh, type Object3D } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { Line2 } from "three/examples/jsm/lines/Line2.js";
import type { EpisodeDetail } from "../../host/types.ts";
import { tokenColor, type ColorScheme } from "../../theme/colors.ts";
import { makeLine, ribbonGeometry } from "../../three/lines.ts";
import { chunkPositions } from "./action-chunk.ts";
import type { Player } from "./player.ts";

/** Direction the camera looks from, by name of the view. z is up. */
export const viewDirections = {
  iso: [1, -1.3, 0.9],
  front: [1, 0, 0.001],
  side: [0, -1, 0.001],
  top: [0, -0.001, 1],
} as const;
export type ViewName = keyof typeof viewDirections;

interface PathSceneProps {
  readonly episode: EpisodeDetail;
  readonly player: Player;
  readonly view: ViewName;
  /** Changes when the view is asked for again after the user turned it. */
  readonly viewCount: number;
  readonly scheme: ColorScheme;
  /** Told after each rendered frame where the gripper stands: base frame and screen fractions. */
  readonly onRendered: (frameIndex: number, position: Vector3, screen: Vector3, isClosed: boolean) => void;
}

/** The end effector's path, the gripper on it and the chunk it is about to follow, in the robot's base frame, metres, z up. */
export function PathScene({ episode, player, view, viewCount, scheme, onRendered }: PathSceneProps) {
  const { camera, gl, scene, size, invalidate } = useThree();
  const { position } = episode.effector;
  const controls = useRef<OrbitControls>(undefined);
  const gripper = useRef<Group>(null);
  const shell = useRef<Mesh>(null);
  const core = useRef<Mesh>(null);

  const { box, radius, center } = useMemo(() => {
    const bounds = new Box3().setFromArray(position.length > 0 ? position : [0, 0, 0]);
    return {
      box: bounds,
      radius: Math.max(0.04, bounds.getSize(new Vector3()).length() / 2),
      center: bounds.getCenter(new Vector3()),
    };
  }, [position]);

  useEffect(() => {
    const orbit = new OrbitControls(camera, gl.domElement);
    orbit.enableDamping = false;
    orbit.addEventListener("change", () => invalidate());
    controls.current = orbit;
    return () => orbit.dispose();
  }, [camera, gl, invalidate]);

  useEffect(() => {
    camera.up.set(0, 0, 1);
    const [x, y, z] = viewDirections[view];
    camera.position.copy(center).add(new Vector3(x, y, z).setLength(radius * 4.1));
    camera.near = radius / 100;
    camera.far = radius * 100;
    camera.updateProjectionMatrix();
    controls.current?.target.copy(center);
    controls.current?.update();
    invalidate();
  }, [camera, center, radius, view, viewCount, invalidate]);

  const parts = useMemo(() => {
    const group = new Group();
    const whole = makeLine(position, tokenColor("--demonstrated-faint"), 1.5);
    const past = makeLine(position, tokenColor("--demonstrated"), 3);
    group.add(whole, past);
    const floor = box.min.z - radius * 0.25;
    (["x", "y", "z"] as const).forEach((axis, index) => {
      const start = [box.min.x - radius * 0.3, box.min.y - radius * 0.3, floor];
      const end = [...start];
      end[index]! += radius * 0.6;
      group.add(makeLine([...start, ...end], tokenColor(`--axis-${axis}`), 3));
    });
    return { group, whole, past, floor };
  }, [position, box, radius, scheme]);
  useEffect(() => {
    scene.add(parts.group);
    return () => {
      scene.remove(parts.group);
      parts.group.traverse((object) => {
        if (object instanceof Line2) {
          object.geometry.dispose();
          object.material.dispose();
        }
      });
    };
  }, [scene, parts]);
  useEffect(() => {
    parts.group.traverse((object) => {
      if (object instanceof Line2) object.material.resolution.set(size.width, size.height);
    });
    invalidate();
  }, [parts, size, invalidate]);

  const chunk = useRef<Mesh>(null);
  const follow = useEffectEvent(() => {
    const { shown } = player.state.get();
    const at = [0, 1, 2].map((axis) => position[shown * 3 + axis] ?? 0);
    gripper.current?.position.fromArray(at);
    const isClosed = (episode.effector.gripper[shown] ?? 1) < 0.5;
    if (shell.current && core.current) {
      shell.current.visible = !isClosed;
      core.current.visible = isClosed;
    }
    parts.past.geometry.instanceCount = shown; // segments up to the shown frame
    if (chunk.current) {
      chunk.current.geometry.dispose();
      const actionDim = episode.actionNames.length;
      chunk.current.geometry = ribbonGeometry(chunkPositions(episode.action, actionDim, shown, at), radius * 0.035);
    }
    invalidate();
  });
  useEffect(() => {
    follow();
    return player.state.subscribe(() => follow());
  }, [player, parts]);

  const rendered = useEffectEvent(() => {
    if (gripper.current === null) return;
    const world = gripper.current.getWorldPosition(new Vector3());
    onRendered(player.state.get().shown, world, world.clone().project(camera), core.current?.visible === true);
  });
  const gripperColor = tokenColor("--text");
  const gridStep = 10 ** Math.floor(Math.log10(radius));
  return (
    <>
      <gridHelper
        key={scheme}
        args={[gridStep * 20, 20, tokenColor("--line-strong"), tokenColor("--line")]}
        position={[Math.round(center.x / gridStep) * gridStep, Math.round(center.y / gridStep) * gridStep, parts.floor]}
        rotation={[Math.PI / 2, 0, 0]}
      />
      <mesh ref={chunk} frustumCulled={false}>
        <meshBasicMaterial
          color={tokenColor("--demonstrated")}
          transparent
          opacity={0.45}
          side={DoubleSide}
          depthWrite={false}
        />
      </mesh>
      <group ref={gripper}>
        <mesh ref={shell} onBeforeRender={faceCamera}>
          <torusGeometry args={[radius * 0.075, radius * 0.016, 10, 32]} />
          <meshBasicMaterial color={gripperColor} />
        </mesh>
        <mesh ref={core}>
          <sphereGeometry args={[radius * 0.075, 20, 14]} />
          <meshBasicMaterial color={gripperColor} />
        </mesh>
        <AfterRender onRendered={() => rendered()} />
      </group>
    </>
  );
}

/** Turns the ring to the camera, so that it reads as a ring from everywhere. */
function faceCamera(this: Object3D, _renderer: unknown, _scene: unknown, camera: Camera): void {
  this.quaternion.copy(camera.quaternion);
  this.updateMatrixWorld();
}

/** An invisible last object whose drawing tells that the scene was drawn. */
function AfterRender({ onRendered }: { onRendered: () => void }) {
  return (
    <mesh renderOrder={1e6} frustumCulled={false} onAfterRender={onRendered}>
      <boxGeometry args={[1e-6, 1e-6, 1e-6]} />
      <meshBasicMaterial transparent opacity={0} depthWrite={false} />
    </mesh>
  );
}
