import { jestProject } from "@vision/config/jest";

export default jestProject("devnet", import.meta.dirname);
