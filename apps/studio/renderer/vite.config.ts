import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Imports each icon from its own file: the icon package's index names six thousand of them, which made a build five times as long. */
const iconFiles: Plugin = {
  name: "icon-files",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith(".tsx") || id.includes("node_modules")) return undefined;
    return code.replace(/import \{([^}]*)\} from "@tabler\/icons-react";/g, (_, names: string) =>
      names
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean)
        .map((name) => `import ${name} from "@tabler/icons-react/dist/esm/icons/${name}.mjs";`)
        .join(" "),
    );
  },
};

/** One page, hashed assets, no inlined scripts, so that the host's content security policy can be strict. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [iconFiles, react()],
  resolve: { conditions: ["@pixelvla/source", "browser", "import", "module", "default"] },
  build: {
    outDir: "dist",
    target: "es2023",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    assetsInlineLimit: 0,
  },
});
