import { jestProject } from "@vision/config/jest";

export default jestProject("scoring", import.meta.dirname);
