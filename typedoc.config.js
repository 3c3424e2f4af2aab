import { OptionDefaults } from "typedoc";

/** `npm run reference`: every exported name must have a doc comment. */
export default {
  entryPoints: ["src/index.ts", "src/emulator.ts", "worker/gateway.d.ts"],
  tsconfig: "worker/tsconfig.json", // the one in which all three compile
  out: "reference",
  readme: "none",
  treatWarningsAsErrors: true,
  // Helper types are shown where they are used.
  validation: { notDocumented: true, notExported: false, invalidLink: true },
  requiredToBeDocumented: ["Class", "Interface", "Function", "TypeAlias", "Variable", "Method"],
  // What openapi-typescript makes of the spec's descriptions.
  blockTags: [...OptionDefaults.blockTags, "@description"],
};
