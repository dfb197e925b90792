import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import { CommitLog, type Transaction } from "./commit-log.ts";
import { writeDurably } from "./durable-files.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-commits-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let root = "";
let serial = 0;
beforeEach(() => (root = join(folder, String(serial++))));

async function prepared(log: CommitLog<number>, path: string, content: string): Promise<Transaction> {
  const txn = await log.begin();
  await writeDurably(await txn.place(path), content);
  return txn;
}

const read = (path: string) => readFileSync(join(root, path), "utf8");
const commitFile = (revision: number) =>
  join(root, ".pixelvla/commits", String(revision).padStart(8, "0"), "commit.json");

test("of two commits for one number one wins and the other is told", async () => {
  const [a, b] = [new CommitLog<number>(root), new CommitLog<number>(root)];
  const [one, two] = [await prepared(a, "data/x", "one"), await prepared(b, "data/y", "two")];
  expect(await a.publish(one, 0, ["data/x"], 1)).toMatchObject({ revision: 1 });
  expect(await b.publish(two, 0, ["data/y"], 2)).toBeUndefined();
  expect(existsSync(join(root, "data/y"))).toBe(false);
  expect(await b.publish(two, 1, ["data/y"], 2)).toMatchObject({ revision: 2 });
  expect([read("data/x"), read("data/y")]).toEqual(["one", "two"]);
  expect((await a.since(0)).map(({ state }) => state)).toEqual([1, 2]);
});

test("a commit whose writer was killed before its files were in place is finished by whoever comes next", async () => {
  const log = new CommitLog<number>(root);
  await log.publish(await prepared(log, "meta/info.json", "old"), 0, ["meta/info.json"], 1);
  // What a kill right after publishing leaves: a whole commit folder, files still aside.
  const txn = await prepared(log, "meta/info.json", "new");
  await writeDurably(
    join(txn.folder, "commit.json"),
    JSON.stringify({ revision: 2, time: "", writer: "", files: ["meta/info.json"], state: 2 }),
  );
  renameSync(txn.folder, join(root, ".pixelvla/commits/00000002"));
  expect(read("meta/info.json")).toBe("old");
  expect(await new CommitLog<number>(root).head(false)).toMatchObject({ state: 2 });
  expect(read("meta/info.json")).toBe("old");
  expect(await new CommitLog<number>(root).head()).toMatchObject({ state: 2 });
  expect(read("meta/info.json")).toBe("new");
  expect(await new CommitLog<number>(root).head()).toMatchObject({ state: 2 });
});

test("what a dead writer prepared is swept away, what a living one prepares is not", async () => {
  const log = new CommitLog<number>(root);
  const mine = await log.begin();
  const dead = mine.folder.replace(`~${process.pid}~`, "~2147483646~");
  mkdirSync(dead);
  await log.begin();
  expect([existsSync(mine.folder), existsSync(dead)]).toEqual([true, false]);
});

test.each([["../outside"], ["/etc/outside"], ["a/../../outside"], ["a\\..\\outside"], ["a//b"]])(
  "a commit that names %s is refused",
  async (path) => {
    const log = new CommitLog<number>(root);
    await log.publish(await prepared(log, "x", "1"), 0, ["x"], 1);
    writeFileSync(commitFile(1), JSON.stringify({ revision: 1, time: "", writer: "", files: [path], state: 1 }));
    await expect(new CommitLog<number>(root).head()).rejects.toMatchObject({ code: "PVLA_PIXELS_DAMAGED" });
  },
);

test("no content of a commit file does anything but open or refuse", async () => {
  const log = new CommitLog<number>(root);
  await log.publish(await prepared(log, "x", "1"), 0, ["x"], 1);
  const texts = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ revision: fc.constant(1), files: fc.array(fc.string()) }).map((commit) => JSON.stringify(commit)),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      writeFileSync(commitFile(1), text);
      try {
        await new CommitLog<number>(root).head(false);
      } catch (error) {
        expect(error).toMatchObject({
          code: "PVLA_PIXELS_DAMAGED",
          message: expect.stringContaining("commit.json") as string,
        });
      }
    }),
    { numRuns: 60 },
  );
});

test("a file that a commit has put in place and that is gone is named", async () => {
  const log = new CommitLog<number>(root);
  await log.publish(await prepared(log, "data/x", "1"), 0, ["data/x"], 1);
  rmSync(join(root, "data/x"));
  mkdirSync(join(root, ".pixelvla/commits/00000001/files"));
  await expect(new CommitLog<number>(root).head()).rejects.toMatchObject({
    code: "PVLA_PIXELS_DAMAGED",
    message: expect.stringContaining("data/x") as string,
  });
});
