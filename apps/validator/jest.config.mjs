import { jestProject } from "@vision/config/jest";

export default jestProject("validator", import.meta.dirname);
