import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("devnet", import.meta.dirname);
