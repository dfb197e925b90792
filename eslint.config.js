import js from "@eslint/js";
import nx from "@nx/eslint-plugin";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

/** Which project tags may depend on which: the table in CONTRIBUTING.md, enforced. */
const depConstraints = [
  { sourceTag: "scope:core", onlyDependOnLibsWithTags: ["scope:core"] },
  { sourceTag: "scope:engine", onlyDependOnLibsWithTags: ["scope:core"] },
  {
    sourceTag: "scope:plugin",
    onlyDependOnLibsWithTags: ["scope:core", "scope:engine", "scope:data", "scope:testing"],
  },
  { sourceTag: "scope:testing", onlyDependOnLibsWithTags: ["scope:core", "scope:engine", "scope:data"] },
  { sourceTag: "scope:data", onlyDependOnLibsWithTags: ["scope:core", "scope:data"] },
  {
    sourceTag: "scope:pipeline",
    onlyDependOnLibsWithTags: [
      "scope:core",
      "scope:engine",
      "scope:plugin",
      "scope:data",
      "scope:pipeline",
      "scope:testing",
    ],
  },
  { sourceTag: "scope:app", onlyDependOnLibsWithTags: ["*"] },
  { sourceTag: "env:universal", onlyDependOnLibsWithTags: ["env:universal"] },
  { sourceTag: "env:browser", onlyDependOnLibsWithTags: ["env:universal", "env:browser"] },
  { sourceTag: "env:node", onlyDependOnLibsWithTags: ["env:universal", "env:node"] },
];

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/.cache/**", "**/.venv*/**", "**/test/golden/**", "**/*.d.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    plugins: { "@nx": nx },
    rules: {
      "@nx/enforce-module-boundaries": [
        "error",
        {
          enforceBuildableLibDependency: false,
          allow: ["../vitest.shared.ts", "../../vitest.shared.ts", "../../../vitest.shared.ts"],
          depConstraints,
        },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly", Buffer: "readonly" } },
  },
  prettier,
);
