import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeJob } from "./job.ts";
import { rawGet } from "./raw-http.ts";
import { connect, makeWorkspace, startHost } from "./studio.ts";

const SECRET = "secret-outside-the-workspace";

/** A folder outside every workspace, with something in it that must never be seen. */
function outside(): string {
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-outside-"));
  writeFileSync(join(folder, "secret.txt"), SECRET);
  writeFileSync(join(folder, "secret.json"), JSON.stringify({ secret: SECRET }));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("no form of a path leads out of a run's folder or the page's", async () => {
  const workspace = makeWorkspace();
  const away = outside();
  writeFileSync(join(workspace, "secret.txt"), SECRET);
  const run = makeJob(workspace, "run-a");
  symlinkSync(join(away, "secret.txt"), join(run, "link.txt"));
  symlinkSync(away, join(run, "folder"));
  symlinkSync(join(workspace, "secret.txt"), join(run, "up.txt"));
  const appDir = join(workspace, "page");
  mkdirSync(join(appDir, "assets"), { recursive: true });
  writeFileSync(join(appDir, "index.html"), "page");
  symlinkSync(join(away, "secret.txt"), join(appDir, "assets", "link.js"));
  const host = await startHost(workspace, { appDir });
  const { rows } = await connect(host).runs.list.query({});
  const id = rows[0]!.runId;
  expect((await rawGet(host, `/files/${id}/log.txt`)).body).toBe("hello\n");

  const up = ["..", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "..%00", "..;"];
  const separators = ["/", "%2f", "%2F", "%5c", "\\", "%252f"];
  const paths = up.flatMap((dots) =>
    separators.flatMap((sep) => [
      `/files/${id}/${dots}${sep}${dots}${sep}secret.txt`,
      `/files/${id}${sep}${dots}${sep}..${sep}secret.txt`,
      `/assets/${dots}${sep}${dots}${sep}secret.txt`,
      `/${dots}${sep}secret.txt`,
      `/media/x/y/0/0/${dots}${sep}${dots}${sep}secret.txt/image`,
    ]),
  );
  const more = [
    `/files/${id}/link.txt`,
    `/files/${id}/folder/secret.txt`,
    `/files/${id}/up.txt`,
    `/files/${id}//${join(away, "secret.txt")}`,
    `/files/${id}/%2f${encodeURIComponent(join(away, "secret.txt"))}`,
    `/files/..%2f..%2fsecret.txt/x`,
    `/files/${id}/%00`,
    `/files/${id}/%ff%fe`,
    `/assets/link.js`,
    "/%E0%A4%A",
  ];
  for (const path of [...paths, ...more]) {
    const answer = await rawGet(host, path);
    expect(answer.body, path).not.toContain(SECRET);
    expect([200, 400, 404], `${path} ${answer.status}`).toContain(answer.status);
    if (answer.status === 200) expect(answer.body, path).toBe("page"); // a view of the app
  }
});

test("folders and datasets outside the workspace are refused, by path and by link", async () => {
  const workspace = makeWorkspace();
  const away = outside();
  mkdirSync(join(workspace, "inner"));
  symlinkSync(away, join(workspace, "inner", "away"));
  const client = connect(await startHost(workspace));
  for (const path of [
    "..",
    "../",
    "/etc",
    away,
    "inner/away",
    "inner/../..",
    "a/../../b",
    "inner\\..\\..",
    "C:\\",
    "inner/\0",
    "~",
    "missing",
  ]) {
    await expect(client.datasets.folders.query({ path }), path).rejects.toMatchObject({
      data: { studio: { code: "PVLA_STUDIO_OUTSIDE" } },
    });
    await expect(client.datasets.open.mutate({ path }), path).rejects.toMatchObject({
      data: { studio: { code: "PVLA_STUDIO_OUTSIDE" } },
    });
  }
  expect(await client.datasets.folders.query({ path: "inner" })).toEqual([]);
});

test("a dataset whose files are links to elsewhere is refused before anything of it is read", async () => {
  const workspace = makeWorkspace();
  const away = outside();
  const dataset = join(workspace, "datasets", "trap");
  mkdirSync(join(dataset, "meta"), { recursive: true });
  symlinkSync(join(away, "secret.json"), join(dataset, "meta", "info.json"));
  const client = connect(await startHost(workspace));
  const [item] = await client.datasets.list.query();
  const refused = client.datasets.get.query({ datasetId: item!.datasetId });
  await expect(refused).rejects.toMatchObject({ data: { studio: { code: "PVLA_STUDIO_LINK" } } });
  const [after] = await client.datasets.list.query();
  expect(after!.problem).toMatchObject({ code: "PVLA_STUDIO_LINK" });
  expect(JSON.stringify(after)).not.toContain(SECRET);
});

test("links in a job directory are neither read nor written through", async () => {
  const workspace = makeWorkspace();
  const away = outside();
  const run = makeJob(workspace, "run-a", { state: "running" });
  for (const name of ["config.yaml", "metrics.jsonl", "log.txt"]) {
    rmSync(join(run, name), { force: true });
    symlinkSync(join(away, "secret.json"), join(run, name));
  }
  mkdirSync(join(away, "target"));
  symlinkSync(join(away, "target"), join(run, "commands"));
  symlinkSync(away, join(workspace, "runs", "linked-away"));
  const client = connect(await startHost(workspace));
  const { rows } = await client.runs.list.query({});
  expect(rows.map(({ name }) => name)).toEqual(["run-a"]);
  const { runId } = rows[0]!;
  const detail = await client.runs.get.query({ runId });
  expect(JSON.stringify(detail)).not.toContain(SECRET);
  expect(await client.runs.log.query({ runId })).toMatchObject({ text: "" });
  await expect(client.runs.command.mutate({ runId, command: "stop" })).rejects.toMatchObject({
    data: { studio: { code: "PVLA_STUDIO_OUTSIDE" } },
  });
  expect(readdirSync(join(away, "target"))).toEqual([]);
});

test("everything the host writes lies in the workspace", async () => {
  const workspace = makeWorkspace();
  const run = makeJob(workspace, "run-a", { state: "running" });
  const client = connect(await startHost(workspace));
  const { runId } = (await client.runs.list.query({})).rows[0]!;
  await client.runs.command.mutate({ runId, command: "pause" });
  expect(existsSync(join(run, "commands", "pause"))).toBe(true);
});
