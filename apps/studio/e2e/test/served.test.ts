import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { axePath } from "./axe.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { clickInPicture, objectsInPicture } from "./objects-in-picture.ts";
import { canRun, goTo, makeWorkspace, openBrowser, openStudio, root, startHost } from "./studio.ts";
import { pixelvla, runPixelvla } from "./tabletop.ts";

const TOKEN = "only-for-this-test";
const RECIPE = join(root, "recipes", "tabletop-pixelvla-openvla-tiny.yaml");

/** Starts `pixelvla serve` on a policy with random weights; its episodes wait for their prompt. */
async function serve(): Promise<number> {
  const [program = "", ...first] = pixelvla;
  const flags = ["--port=0", "--json", "--prompt-wait=60", `--token=${TOKEN}`, "--threads=1"];
  const server = spawn(program, [...first, "serve", RECIPE, ...flags], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => ended(server));
  return new Promise((resolve, reject) => {
    server.stdout.once("data", (data: Buffer) =>
      resolve((JSON.parse(data.toString()) as { ports: [number] }).ports[0]),
    );
    server.once("exit", (code) => reject(new Error(`serve ended with ${code ?? "a signal"}`)));
  });
}

async function ended(server: ChildProcess): Promise<void> {
  server.removeAllListeners("exit");
  if (server.exitCode !== null) return;
  const end = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await end;
}

/** A benchmark episode as the server's client, always the same layout; gives every action of it. */
async function episodeActions(out: string, port: number): Promise<unknown> {
  await runPixelvla(
    ...["bench", "run", `--server=ws://127.0.0.1:${port}`, "--episodes=1", "--threads=0", `--out=${out}`],
    `--policy-options=${JSON.stringify({ token: TOKEN })}`,
  );
  const [line = ""] = readFileSync(join(out, "episodes.jsonl"), "utf8").split("\n");
  const { actions } = JSON.parse(line) as { actions?: readonly unknown[] };
  if (actions === undefined) throw new Error(`no actions in ${line.slice(0, 200)}`);
  return actions;
}

describe.skipIf(!canRun)("Running server", () => {
  test(
    "the first frame of an episode waits in the studio, is drawn on, and the episode goes on with what was drawn",
    { timeout: 240_000 },
    async () => {
      const workspace = makeWorkspace();
      const [port, host] = await Promise.all([serve(), startHost(workspace, { datasets: [] })]);
      const page = await openStudio(await openBrowser(), host.url, { bypassCSP: true, reducedMotion: "reduce" });
      // A slow segmenter, from the second episode on: the mask of the first must not go out in place of the second's.
      let maskDelayMs = 0;
      await page.routeWebSocket(/.*/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((message) => {
          const isMask = message.toString().includes("playground.mask");
          setTimeout(() => server.send(message), isMask ? maskDelayMs : 0);
        });
      });
      await page.reload();
      await goTo(page, "/playground/server");
      const form = page.getByRole("form", { name: "Server" });
      await form.getByRole("textbox", { name: "Address" }).fill(`http://127.0.0.1:${port}`);
      await form.getByRole("button", { name: "Connect" }).click();
      await page.getByText("it wants another token").waitFor();
      await form.getByLabel("Token").first().fill(TOKEN);
      await form.getByRole("button", { name: "Connect again" }).click();
      await page.getByText("Waiting for the first frame").waitFor();
      const send = page.getByRole("button", { name: /^Send/ });
      expect(await send.isDisabled()).toBe(true);

      const played: unknown[] = [];
      for (const which of [0, 1]) {
        const playing = episodeActions(join(workspace, `episode-${which}`), port);
        playing.catch(() => undefined); // told below
        const state = page.getByTestId("served-state");
        await state.getByText("An episode waits for your prompt.").waitFor({ timeout: 60_000 });
        await page.getByTestId("draw").waitFor();
        expect(await state.textContent()).toMatch(/Its instruction\w+/);
        const places = await objectsInPicture(page);
        expect(places.length).toBeGreaterThanOrEqual(2);
        await page.keyboard.press("Backspace");
        await page.keyboard.press("1");
        await clickInPicture(page, places[which]!.x, places[which]!.y);
        if (which === 1) expect(await send.isDisabled()).toBe(true);
        await page.locator("[data-testid=draw-overlay][data-has-mask=true]").waitFor({ timeout: 30_000 });
        expect(await page.getByText(/^\d+ px$/).textContent()).toMatch(/^[1-9]/);
        if (which === 0) {
          await page.addScriptTag({ path: axePath });
          expect(await violationsInBothThemes(page)).toEqual([]);
        }
        await page.getByRole("button", { name: "Send and let the episode begin" }).click();
        played.push(await playing);
        maskDelayMs = 2000;
        await state.getByText("No prompt is set for the next episode.").waitFor();
      }
      // The same layout, policy and state: only the drawn mask differs.
      expect(played[0]).not.toEqual(played[1]);

      await send.click();
      await page.getByText("A prompt is set; the next episode takes it.").waitFor();
      await page.getByRole("button", { name: "Take the waiting prompt back" }).click();
      await page.getByText("No prompt is set for the next episode.").waitFor();
    },
  );

  test("a server that is not there is said, with the command that starts one", async () => {
    const host = await startHost(makeWorkspace(), { datasets: [] });
    const page = await openStudio(await openBrowser(), host.url);
    await goTo(page, "/playground/server");
    await page.getByRole("textbox", { name: "Address" }).fill("http://127.0.0.1:9");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("nobody answers").waitFor();
    await page.getByText("Start one with `pixelvla serve RUN`").waitFor();
  });
});
