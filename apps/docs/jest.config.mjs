import { jestProject } from "@vision/config/jest";

export default jestProject("docs", import.meta.dirname);
