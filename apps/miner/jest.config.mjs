import { jestProject } from "../../scripts/jest-preset.mjs";

export default jestProject("miner", import.meta.dirname);
