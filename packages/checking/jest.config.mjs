import { jestProject } from "@vision/config/jest";

export default jestProject("checking", import.meta.dirname);
