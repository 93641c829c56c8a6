import { jestProject } from "@vision/config/jest";

export default jestProject("dashboard", import.meta.dirname);
