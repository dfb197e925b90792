import { packageTests } from "../vitest.shared.ts";

export default packageTests({ include: ["perf/src/**/*.test.ts"] });
