import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("scoring", import.meta.dirname);
