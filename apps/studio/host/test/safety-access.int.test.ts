import { expect, test } from "vitest";
import { handshake, rawGet } from "./raw-http.ts";
import { makeWorkspace, startHost } from "./studio.ts";

const evil = "http://evil.example";

test("without the token, or with a wrong one, nothing is answered", async () => {
  const host = await startHost(makeWorkspace());
  const cookie = `pixelvla-${host.port}`;
  const wrong: Record<string, string>[] = [
    {},
    { Authorization: "Bearer wrong" },
    { Authorization: `Bearer ${host.token}x` },
    { Cookie: `${cookie}=wrong` },
    { Cookie: `pixelvla-1=${host.token}` },
  ];
  for (const path of ["/", "/index.html", "/media/a/b/0/0/c/image", "/files/a/b", "/rpc"])
    for (const headers of wrong) expect((await rawGet(host, path, headers)).status, path).toBe(401);
  expect((await rawGet(host, "/?token=wrong", {})).status).toBe(401);
  expect((await rawGet(host, `/media/a/b/0/0/c/image?token=${host.token}`, {})).status).toBe(401);
  for (const query of ["", "?token=", "?token=wrong"]) expect(await handshake(host, query)).toBe(401);
  expect(await handshake(host, `?token=${host.token}`)).toBe(101);
});

test("a Host that is not loopback is refused, so a page that rebinds its name gets nothing", async () => {
  const host = await startHost(makeWorkspace());
  const token = { Authorization: `Bearer ${host.token}` };
  for (const name of [
    "evil.example",
    `evil.example:${host.port}`,
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "0.0.0.0",
    "127.0.0.1@evil.example",
  ]) {
    expect((await rawGet(host, "/", { ...token, Host: name })).status, name).toBe(403);
    expect(await handshake(host, `?token=${host.token}`, { Host: name }), name).toBe(403);
  }
  for (const name of [`127.0.0.1:${host.port}`, "localhost:9000", "[::1]:9000"])
    expect((await rawGet(host, "/", { ...token, Host: name })).status, name).toBe(503); // let in; the page is not built here
});

test("other origins are refused even with the token; listed ones and the own one pass", async () => {
  const host = await startHost(makeWorkspace(), { origins: ["pixelvla://app"] });
  const query = `?token=${host.token}`;
  for (const origin of [
    evil,
    "null",
    "http://127.0.0.1:1",
    "http://localhost",
    `https://127.0.0.1:${host.port}`,
    "pixelvla://app.evil",
  ]) {
    expect(await handshake(host, query, { Origin: origin }), origin).toBe(403);
    const answer = await rawGet(host, "/", { Authorization: `Bearer ${host.token}`, Origin: origin });
    expect(answer.status, origin).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  }
  for (const origin of ["pixelvla://app", host.origin])
    expect(await handshake(host, query, { Origin: origin })).toBe(101);
});

test("the cookie is strict and unreadable, and works only from the own page", async () => {
  const host = await startHost(makeWorkspace());
  const login = await rawGet(host, `/datasets/x?view=grid&token=${host.token}`, {});
  const [setCookie = ""] = login.headers["set-cookie"] ?? [];
  expect(setCookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  expect(login.body).toContain('url=/datasets/x?view=grid"');
  expect(login.body).not.toContain(host.token);
  const Cookie = setCookie.split(";")[0]!;
  expect((await rawGet(host, "/rpc", { Cookie })).status).toBe(426);
  for (const site of ["cross-site", "same-site"])
    expect((await rawGet(host, "/rpc", { Cookie, "Sec-Fetch-Site": site })).status, site).toBe(403);
  expect(await handshake(host, "", { Cookie })).toBe(403);
  expect(await handshake(host, "", { Cookie, Origin: `http://localhost:${host.port + 1}` })).toBe(403);
  expect(await handshake(host, "", { Cookie, Origin: host.origin })).toBe(101);
});

test("the login goes nowhere else, whatever its path says", async () => {
  const host = await startHost(makeWorkspace());
  const { body } = await rawGet(host, `//evil.example/%22%3E?token=${host.token}&x="><script>`, {});
  expect(body).toContain('url=/evil.example/%22%3E?x=%22%3E%3Cscript%3E"');
  expect(body).not.toContain("<script>");
});

test("it listens on 127.0.0.1 only", async () => {
  const host = await startHost(makeWorkspace());
  const others = Object.values((await import("node:os")).networkInterfaces()).flatMap((each) => each ?? []);
  for (const { address, family, internal } of others) {
    if (family !== "IPv4" || internal) continue;
    await expect(fetch(`http://${address}:${host.port}/`)).rejects.toThrow();
  }
  expect(host.origin).toMatch(/^http:\/\/127\.0\.0\.1:/);
});

test("two hosts have two tokens", async () => {
  const [a, b] = [await startHost(makeWorkspace()), await startHost(makeWorkspace())];
  expect(a.token).toHaveLength(43);
  expect(a.token).not.toBe(b.token);
});
