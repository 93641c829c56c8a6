import { jestProject } from "@vision/config/jest";

export default jestProject("miner", import.meta.dirname);
