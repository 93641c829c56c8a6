import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("sdk", import.meta.dirname);
