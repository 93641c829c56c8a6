import { jestProject } from "@vision/config/jest";

export default jestProject("minimal-miner", import.meta.dirname);
