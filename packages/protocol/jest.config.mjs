import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("protocol", import.meta.dirname);
