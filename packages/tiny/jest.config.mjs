import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("tiny", import.meta.dirname);
