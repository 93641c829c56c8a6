import { jestProject } from "@vision/config/jest";

export default jestProject("chain", import.meta.dirname);
