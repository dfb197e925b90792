import { useEffect, useMemo, useRef } from "react";
import { useThree } from "@react-three/fiber";
import { Box3, DoubleSide, Group, Mesh, MeshBasicMaterial, SphereGeometry, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { Line2 } from "three/examples/jsm/lines/Line2.js";
import { viewDirections, type ViewName } from "../datasets/player/path-scene.tsx";
import { tokenColor, type ColorScheme } from "../theme/colors.ts";
import { makeLine, ribbonGeometry } from "../three/lines.ts";
import { chunkPath, type DrawnChunk } from "./chunk-path.ts";

interface ChunkSceneProps {
  readonly chunks: readonly DrawnChunk[];
  /** Where the gripper stands, metres. */
  readonly origin: readonly number[];
  /** The markers stand where this many steps lead. */
  readonly step: number;
  readonly view: ViewName;
  readonly viewCount: number;
  readonly scheme: ColorScheme;
}

/** Half of the smallest cube shown, metres: a chunk that hardly moves must look so. */
const LEAST_RADIUS_M = 0.06;

/** Chunks as ribbons from one place, in the robot's base frame, metres, z up. The view stays while predictions change. */
export function ChunkScene({ chunks, origin, step, view, viewCount, scheme }: ChunkSceneProps) {
  const { camera, gl, scene, size, invalidate } = useThree();
  const controls = useRef<OrbitControls>(undefined);
  const paths = useMemo(() => chunks.map(({ rows }) => chunkPath(rows, origin)), [chunks, origin]);
  const center = useMemo(() => new Vector3(origin[0] ?? 0, origin[1] ?? 0, origin[2] ?? 0), [origin]);
  // In steps of powers of two, so that a slightly longer chunk does not move the camera.
  const radius = useMemo(() => {
    const bounds = new Box3();
    for (const path of paths) bounds.union(new Box3().setFromArray(path));
    const reach = bounds.isEmpty()
      ? 0
      : Math.max(bounds.max.distanceTo(center), bounds.min.distanceTo(center)) / LEAST_RADIUS_M;
    return LEAST_RADIUS_M * 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(reach, 1e-6))));
  }, [paths, center]);

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

  useEffect(() => {
    const group = new Group();
    (["x", "y", "z"] as const).forEach((axis, index) => {
      const start = [0, 1, 2].map((at) => (origin[at] ?? 0) - radius * 0.75);
      const end = [...start];
      end[index]! += radius * 0.4;
      group.add(makeLine([...start, ...end], tokenColor(`--axis-${axis}`), 3));
    });
    chunks.forEach(({ color, rows }, at) => {
      const path = paths[at]!;
      const tint = tokenColor(color);
      const ribbon = new MeshBasicMaterial({
        color: tint,
        transparent: true,
        opacity: 0.5,
        side: DoubleSide,
        depthWrite: false,
      });
      group.add(new Mesh(ribbonGeometry(path, radius * 0.03), ribbon), makeLine(path, tint, 2.5));
      const marker = new Mesh(
        new SphereGeometry(radius * 0.045, 18, 12),
        new MeshBasicMaterial({ color: tint, wireframe: isOpen(rows[Math.max(0, step - 1)]) }),
      );
      marker.position.fromArray(path, 3 * Math.min(step, path.length / 3 - 1));
      group.add(marker);
    });
    group.traverse((object) => {
      object.frustumCulled = false;
      if (object instanceof Line2) object.material.resolution.set(size.width, size.height);
    });
    scene.add(group);
    invalidate();
    return () => {
      scene.remove(group);
      group.traverse((object) => {
        if (!(object instanceof Mesh)) return;
        const { geometry, material } = object as Mesh<SphereGeometry, MeshBasicMaterial>;
        geometry.dispose();
        material.dispose();
      });
    };
  }, [scene, chunks, paths, origin, radius, step, size, scheme, invalidate]);

  const gridStep = 10 ** Math.floor(Math.log10(radius));
  return (
    <gridHelper
      key={`${scheme} ${radius}`}
      args={[gridStep * 20, 20, tokenColor("--line-strong"), tokenColor("--line")]}
      position={[center.x, center.y, center.z - radius * 0.8]}
      rotation={[Math.PI / 2, 0, 0]}
    />
  );
}

/** The gripper is the last of seven values, 1 = open. */
const isOpen = (row: readonly number[] | null | undefined) => row?.length === 7 && row[6]! >= 0.5;
