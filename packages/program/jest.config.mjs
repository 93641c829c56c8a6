import { jestProject } from "@vision/config/jest";

export default jestProject("program", import.meta.dirname);
