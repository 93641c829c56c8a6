import { jestProject } from "@vision/config/jest";

export default jestProject("llama-cpp-miner", import.meta.dirname);
