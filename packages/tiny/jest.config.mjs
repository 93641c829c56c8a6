import { jestProject } from "@vision/config/jest";

export default jestProject("tiny", import.meta.dirname);
