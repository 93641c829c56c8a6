import { jestProject } from "@vision/config/jest";

export default jestProject("sdk", import.meta.dirname);
