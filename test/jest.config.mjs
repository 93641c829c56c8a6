import { jestProject } from "../tools/config/jest-preset.mjs";

/** Tests of the repository as a whole: packed packages, boundaries, the docs. */
export default { ...jestProject("repository", import.meta.dirname), testMatch: ["<rootDir>/**/*.test.ts"] };
