/**
 * Packages the studio: `npx electron-builder --config electron-builder.config.js` in this folder, after `npm run build` and
 * `node build/prepare-resources.mjs`, which gathers a Node of the target platform and the pixelvla command: the host and the jobs run on
 * that Node, so Electron's own abilities to run scripts can be fused off.
 *
 * @type {import("electron-builder").Configuration}
 */
export default {
  appId: "org.pixelvla.studio",
  productName: "PixelVLA Studio",
  copyright: "Apache-2.0",
  directories: { output: "dist/packages" },
  files: ["dist/*.js", "dist/*.cjs", "package.json", "!node_modules/**/*"],
  extraMetadata: { main: "dist/main.js" },
  extraResources: [
    { from: ".cache/resources/node", to: "node" },
    { from: ".cache/resources/pixelvla", to: "pixelvla" },
  ],
  asar: true,
  npmRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: { target: ["deb", "AppImage"], category: "Science", maintainer: "PixelVLA Studio developers" },
  deb: { depends: ["libgtk-3-0", "libnss3", "libasound2"] },
  mac: { target: ["dmg"], category: "public.app-category.developer-tools", hardenedRuntime: true },
  win: { target: ["nsis"] },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
};
