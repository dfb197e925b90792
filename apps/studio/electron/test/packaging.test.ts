import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import config from "../electron-builder.config.js";

test.each([
  ["the binary runs no scripts as Node", "runAsNode", false],
  ["NODE_OPTIONS is ignored", "enableNodeOptionsEnvironmentVariable", false],
  ["--inspect is ignored", "enableNodeCliInspectArguments", false],
  ["cookies are encrypted", "enableCookieEncryption", true],
  ["the archive is checked before it is loaded", "enableEmbeddedAsarIntegrityValidation", true],
  ["nothing is loaded from outside the archive", "onlyLoadAppFromAsar", true],
  ["file:// has no extra privileges", "grantFileProtocolExtraPrivileges", false],
] as const)("fuse: %s", (_title, name, value) => {
  expect(config.electronFuses?.[name]).toBe(value);
});

test("packages are deb, AppImage, dmg and nsis", () => {
  expect([config.linux?.target, config.mac?.target, config.win?.target]).toEqual([
    ["deb", "AppImage"],
    ["dmg"],
    ["nsis"],
  ]);
});

test("every key is one that electron-builder knows", () => {
  const schemaFile = createRequire(import.meta.url).resolve("app-builder-lib/scheme.json");
  const schema = JSON.parse(readFileSync(schemaFile, "utf8")) as {
    properties: Record<string, unknown>;
    definitions: Record<string, { properties: Record<string, unknown> }>;
  };
  const known = (name: string) => Object.keys(schema.definitions[name]?.properties ?? {});
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(config)));
  expect(known("FuseOptionsV1")).toEqual(expect.arrayContaining(Object.keys(config.electronFuses!)));
  expect(known("LinuxConfiguration")).toEqual(expect.arrayContaining(Object.keys(config.linux!)));
  expect(known("NsisOptions")).toEqual(expect.arrayContaining(Object.keys(config.nsis!)));
  expect(known("DebOptions")).toEqual(expect.arrayContaining(Object.keys(config.deb!)));
});
