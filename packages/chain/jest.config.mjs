import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("chain", import.meta.dirname);
