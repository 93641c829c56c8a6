import { jestProject } from "@vision/config/jest";

export default jestProject("lab", import.meta.dirname);
