import { jestProject } from "@vision/config/jest";

export default jestProject("localnet", import.meta.dirname);
