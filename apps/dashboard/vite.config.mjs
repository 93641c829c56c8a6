import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The validator's build takes `dist` along, so what visitors get lies in a folder of its own: `page`.
export default defineConfig({
  base: "./",
  plugins: [react()],
  resolve: { conditions: ["@vision/source", "browser", "module", "import", "default"] },
  build: {
    outDir: "dist/page",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Its content security policy allows no inline script, and small files as data: are more bytes, not fewer.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": process.env.VISION_VALIDATOR_URL ?? "http://127.0.0.1:8080" } },
});
