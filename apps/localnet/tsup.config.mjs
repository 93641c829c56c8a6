import { defineApp } from "../../scripts/tsup-presets.mjs";

export default defineApp({ entries: { main: "src/main.ts" } });
