import { jestProject } from "@vision/config/jest";

export default jestProject("model-server-miner", import.meta.dirname);
