import { join } from "node:path";
import { defineConfig } from "vitepress";
import { emptyHeadsToCells } from "../src/empty-heads-to-cells.js";
import { linkPages } from "../src/link-pages.js";
import { planSidebar } from "../src/plan-sidebar.js";
import { readSite, root } from "../src/site.js";
import { slugify } from "../src/slugify.js";

const { pages, places, left, rewrites } = readSite();

/** The site is made of files where they lie: `docs/`, and the READMEs that its pages lead to. A link that leads nowhere ends the build. */
export default defineConfig({
  title: "Vision",
  description: "Decentralised inference as a Bittensor subnet: mine, validate, and check every number.",
  lang: "en",
  srcDir: root,
  srcExclude: left.map((file) => file.replaceAll(/[[\]()]/g, "\\$&")),
  outDir: join(root, "apps", "docs", "dist"),
  cacheDir: join(root, "node_modules", ".cache", "docs"),
  rewrites,
  markdown: {
    html: false, // `<N>` in a sentence is text
    anchor: { slugify },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config(markdown) {
      linkPages(markdown, { root, places });
      emptyHeadsToCells(markdown);
    },
  },
  themeConfig: {
    nav: [
      { text: "Mine", link: "/mining/quickstart.html", activeMatch: "^/mining/" },
      { text: "Validate", link: "/validating/quickstart.html", activeMatch: "^/validating/" },
      { text: "Use the API", link: "/gateway.html" },
    ],
    sidebar: planSidebar(pages),
    outline: [2, 3],
    search: {
      provider: "local",
      options: {
        // Whoever searches wants what is written about it; sources are one link away.
        _render: (source, env, markdown) => (env.path.includes("[path]") ? "" : markdown.render(source, env)),
      },
    },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 }, logLevel: "warn" }, // the search's index is one file, read when somebody searches
});
