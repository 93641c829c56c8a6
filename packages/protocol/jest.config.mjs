import { jestProject } from "@vision/config/jest";

export default jestProject("protocol", import.meta.dirname);
