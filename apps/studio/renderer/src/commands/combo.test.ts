import { expect, test } from "vitest";
import { comboLabels, comboOf } from "./combo.ts";

const press = (key: string, held: Partial<Parameters<typeof comboOf>[0]> = {}) =>
  comboOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("letters are one key whether or not Caps Lock is on; shift is said", () => {
  expect(press("K")).toBe("k");
  expect(press("K", { shiftKey: true })).toBe("Shift+k");
});

test("a character made with shift is named by the character", () => {
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press("[")).toBe("[");
});

test("control and command are the same modifier", () => {
  expect(press("k", { ctrlKey: true })).toBe("Mod+k");
  expect(press("k", { metaKey: true })).toBe("Mod+k");
});

test("named keys keep shift", () => {
  expect(press("ArrowLeft", { shiftKey: true })).toBe("Shift+ArrowLeft");
  expect(press(" ")).toBe("Space");
});

test("labels show one cap a key", () => {
  expect(comboLabels("Mod+k")).toEqual(["Ctrl", "K"]);
  expect(comboLabels("Mod+k", true)).toEqual(["⌘", "K"]);
  expect(comboLabels("Shift+ArrowLeft")).toEqual(["Shift", "←"]);
  expect(comboLabels("+")).toEqual(["+"]);
});
