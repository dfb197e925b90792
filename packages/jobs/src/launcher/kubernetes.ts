import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { writeFileAtomic } from "../atomic-file.ts";
import { jobScriptLines, shellWord } from "./job-script.ts";
import { createQueuedJob, noteLauncher } from "./launch-file.ts";
import { defineLauncher } from "./launcher-plugin.ts";
import { runTool } from "./run-tool.ts";

const options = z.strictObject({
  image: z.string().min(1).describe("Container image with Node and this software"),
  volumeClaim: z.string().min(1).describe("PersistentVolumeClaim that holds the workspace and datasets"),
  mountPath: z
    .string()
    .startsWith("/")
    .describe("Where the claim is mounted; the same path as here, so that job directories keep their names"),
  namespace: z.string().min(1).default("default").describe("Namespace"),
  gpus: z.int().nonnegative().default(0).describe("GPUs (nvidia.com/gpu)"),
  cpus: z.int().positive().default(8).describe("Cores"),
  memory: z
    .string()
    .regex(/^\d+([KMGT]i?)?$/)
    .default("32Gi")
    .describe("Memory, e.g. 32Gi"),
  graceS: z.int().positive().default(180).describe("Seconds between the request to end and the kill"),
  retries: z
    .int()
    .nonnegative()
    .default(3)
    .describe("Times a lost pod is started again; the job goes on from its checkpoint"),
  apply: z.boolean().default(false).describe("Give the manifest to kubectl at once"),
});

/** Kubernetes: writes a Job manifest into the job directory and, where asked, applies it. */
export const kubernetesLauncher = defineLauncher({
  name: "kubernetes",
  summary: "a Kubernetes Job on a shared volume",
  options,
  async launch(request, given) {
    const dir = createQueuedJob(request);
    const file = join(dir, "launch.kubernetes.yaml");
    const id = jobName(dir.split(/[\\/]/).at(-1) ?? request.name);
    writeFileAtomic(file, stringify(manifest(id, jobScriptLines(request, dir), given)));
    if (!given.apply)
      return { dir, id, file, note: `manifest written; start it with  kubectl apply -f ${shellWord(file)}` };
    await runTool("kubectl", ["apply", "-f", file], "Applying the Kubernetes manifest");
    noteLauncher(dir, { name: "kubernetes", id });
    return { dir, id, file, note: `Kubernetes job ${id}; watch it with  kubectl -n ${given.namespace} get job ${id}` };
  },
});

function manifest(name: string, script: readonly string[], given: z.output<typeof options>) {
  const { image, volumeClaim, mountPath, namespace, gpus, cpus, memory, graceS, retries } = given;
  const resources = { cpu: cpus, memory, ...(gpus === 0 ? {} : { "nvidia.com/gpu": gpus }) };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels: { "app.kubernetes.io/name": "pixelvla" } },
    spec: {
      backoffLimit: retries,
      template: {
        spec: {
          restartPolicy: "OnFailure",
          terminationGracePeriodSeconds: graceS,
          containers: [
            {
              name: "work",
              image,
              command: ["/bin/sh", "-c", script.join("\n")],
              resources: { requests: resources, limits: resources },
              volumeMounts: [{ name: "workspace", mountPath }],
            },
          ],
          volumes: [{ name: "workspace", persistentVolumeClaim: { claimName: volumeClaim } }],
        },
      },
    },
  };
}

/** A name Kubernetes accepts: RFC 1123, at most 63 characters. */
export const jobName = (text: string): string =>
  `pixelvla-${text}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, 63)
    .replace(/-+$/, "");
