import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("validator", import.meta.dirname);
