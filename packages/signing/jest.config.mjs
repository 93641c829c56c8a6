import { jestProject } from "@vision/config/jest";

export default jestProject("signing", import.meta.dirname);
