import { useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useThree } from "@react-three/fiber";
import { DoubleSide, Group, Mesh, MeshBasicMaterial, Plane, Raycaster, Vector2, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { Line2 } from "three/examples/jsm/lines/Line2.js";
import type { RolloutStart, RolloutStep } from "../host/types.ts";
import { chunkPath } from "../playground/chunk-path.ts";
import { tokenColor, type ColorScheme } from "../theme/colors.ts";
import { makeLine, ribbonGeometry } from "../three/lines.ts";
import { posesOf } from "./rollout.ts";
import { meshOf, place } from "./scene-geometry.ts";

/** A place on the table, metres. */
export interface TablePlace {
  readonly xM: number;
  readonly yM: number;
}

/** Solids of the scene where the step says, the intended chunk from the hand on, lit plainly. z is up. */
export function LiveScene({
  start,
  step,
  scheme,
  onPush,
}: {
  start: RolloutStart;
  step: RolloutStep;
  scheme: ColorScheme;
  onPush: ((objectId: string, place: TablePlace | undefined) => void) | undefined;
}) {
  const { camera, gl, scene, size, invalidate } = useThree();
  const controls = useRef<OrbitControls>(undefined);
  const meshes = useMemo(() => start.geoms.map(meshOf), [start.geoms]);

  useEffect(() => {
    camera.up.set(0, 0, 1);
    const { positionM, lookAtM } = start.camera;
    camera.position.fromArray([...positionM]);
    camera.near = 0.01;
    camera.far = 20;
    camera.updateProjectionMatrix();
    const orbit = new OrbitControls(camera, gl.domElement);
    orbit.enableDamping = false;
    orbit.target.fromArray([...lookAtM]);
    orbit.update();
    orbit.addEventListener("change", () => invalidate());
    controls.current = orbit;
    return () => orbit.dispose();
  }, [camera, gl, start.camera, invalidate]);

  useEffect(() => {
    const group = new Group();
    group.add(...meshes);
    scene.add(group);
    return () => {
      scene.remove(group);
      for (const { geometry, material } of meshes) {
        geometry.dispose();
        material.dispose();
      }
    };
  }, [scene, meshes]);

  useEffect(() => {
    const poses = posesOf(step);
    meshes.forEach((mesh, index) => place(mesh, poses, index));
    for (const { material, userData } of meshes)
      material.emissive.set(userData["owner"] === start.targetOwner ? 0x332200 : 0);
    invalidate();
  }, [meshes, step, start.targetOwner, invalidate]);

  useEffect(() => {
    if (step.intended.length === 0) return;
    const group = new Group();
    const color = tokenColor("--accent");
    const path = chunkPath(step.intended, step.handM);
    const line = makeLine(path, color, 2.5);
    line.material.resolution.set(size.width, size.height);
    const ribbon = new Mesh(
      ribbonGeometry(path, 0.004),
      new MeshBasicMaterial({ color, transparent: true, opacity: 0.6, side: DoubleSide, depthWrite: false }),
    );
    ribbon.frustumCulled = false;
    group.add(line, ribbon);
    scene.add(group);
    invalidate();
    return () => {
      scene.remove(group);
      for (const object of group.children)
        if (object instanceof Line2 || object instanceof Mesh) {
          (object.geometry as { dispose(): void }).dispose();
          (object.material as { dispose(): void }).dispose();
        }
    };
  }, [scene, step, size, scheme, invalidate]);

  const placeUnder = useEffectEvent((event: PointerEvent): { ray: Raycaster; table: TablePlace | undefined } => {
    const bounds = gl.domElement.getBoundingClientRect();
    const at = new Vector2(
      ((event.clientX - bounds.left) / bounds.width) * 2 - 1,
      1 - ((event.clientY - bounds.top) / bounds.height) * 2,
    );
    const ray = new Raycaster();
    ray.setFromCamera(at, camera);
    const hit = ray.ray.intersectPlane(new Plane(new Vector3(0, 0, 1), 0), new Vector3());
    return { ray, table: hit === null ? undefined : { xM: hit.x, yM: hit.y } };
  });
  const push = useEffectEvent((objectId: string, table: TablePlace | undefined) => onPush?.(objectId, table));
  const canPush = onPush !== undefined;
  useEffect(() => {
    if (!canPush) return;
    const canvas = gl.domElement;
    let dragged: string | undefined;
    const down = (event: PointerEvent) => {
      const { ray, table } = placeUnder(event);
      const owner = ray.intersectObjects(meshes, false)[0]?.object.userData["owner"] as string | undefined;
      if (owner === undefined || !start.objectIds.includes(owner)) return;
      dragged = owner;
      if (controls.current) controls.current.enabled = false;
      push(owner, table);
    };
    const move = (event: PointerEvent) => {
      if (dragged !== undefined) push(dragged, placeUnder(event).table);
    };
    const up = () => {
      if (dragged !== undefined) push(dragged, undefined);
      dragged = undefined;
      if (controls.current) controls.current.enabled = true;
    };
    // Before the orbit controls see it, so that a drag of an object does not turn the view.
    canvas.addEventListener("pointerdown", down, { capture: true });
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    return () => {
      canvas.removeEventListener("pointerdown", down, { capture: true });
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
    };
  }, [gl, meshes, start.objectIds, canPush]);

  return (
    <>
      <color attach="background" args={[tokenColor("--background")]} />
      <hemisphereLight args={[0xffffff, 0x8a8478, 2.1]} />
      <directionalLight position={[0.5, -0.5, 1.4]} intensity={1.5} />
    </>
  );
}
