import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("localnet", import.meta.dirname);
