import { jestProject } from "@vision/config/jest";

export default jestProject("create-vision-miner", import.meta.dirname);
