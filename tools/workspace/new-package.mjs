// Makes an empty package with the layout of all the others.
// Usage: node tools/workspace/new-package.mjs packages/NAME SCOPE ENV "one sentence" [our dependencies, e.g. core data]
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [dir, scope, env, description, ...dependencies] = process.argv.slice(2);
if (!dir || !scope || !env || !description) {
  console.error('Usage: node tools/workspace/new-package.mjs packages/NAME SCOPE ENV "one sentence" [core data …]');
  process.exit(2);
}
if (existsSync(join(dir, "package.json"))) {
  console.error(`Making ${dir}: there is a package already.`);
  process.exit(1);
}
const name = `@pixelvla/${basename(dir)}`;
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const write = (file, text) => writeFileSync(join(dir, file), text);

mkdirSync(join(dir, "src"), { recursive: true });
write(
  "package.json",
  json({
    name,
    version: "0.1.0",
    description,
    license: "Apache-2.0",
    type: "module",
    sideEffects: false,
    exports: {
      ".": { "@pixelvla/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    files: ["dist", "README.md"],
    dependencies: Object.fromEntries(dependencies.map((d) => [`@pixelvla/${d}`, "^0.1.0"])),
    nx: { tags: [`scope:${scope}`, `env:${env}`], targets: { test: {}, lint: {} } },
    devDependencies: { "@pixelvla/testing": "0.1.0" },
  }),
);
write("tsconfig.json", json({ files: [], references: ["lib", "test"].map((k) => ({ path: `./tsconfig.${k}.json` })) }));
write(
  "tsconfig.lib.json",
  json({
    extends: "../../tsconfig.base.json",
    compilerOptions: { rootDir: "src", outDir: "dist", tsBuildInfoFile: "dist/lib.tsbuildinfo" },
    include: ["src"],
    exclude: ["src/**/*.test.ts"],
    references: [...dependencies, "testing"].map((d) => ({ path: `../${d}/tsconfig.lib.json` })),
  }),
);
write(
  "tsconfig.test.json",
  json({
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      rootDir: "../..",
      outDir: ".cache/test",
      rewriteRelativeImportExtensions: false,
      emitDeclarationOnly: true,
    },
    include: ["src/**/*.test.ts", "test/**/*.ts", "perf/**/*.ts", "vitest.config.ts", "../../vitest.shared.ts"],
    references: [{ path: "./tsconfig.lib.json" }],
  }),
);
write(
  "vitest.config.ts",
  'import { packageTests } from "../../vitest.shared.ts";\n\nexport default packageTests();\n',
);
write("README.md", `# ${name}\n\n${description}\n`);
write("src/index.ts", "export {};\n");
console.log(`Made ${dir}. Now: npm install, npx nx sync.`);
