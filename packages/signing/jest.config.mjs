import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("signing", import.meta.dirname);
