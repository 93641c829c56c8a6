import { defineApp } from "@vision/config/tsup";

export default defineApp({ entries: { main: "src/main.ts", "profile-backend": "src/profile-backend.ts" } });
