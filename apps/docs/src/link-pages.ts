import { relative, sep } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { type Places, resolveLink } from "./resolve-link.js";

/** Makes links between files of the repository lead to the pages of the site; VitePress knows only where pages end up. */
export function linkPages(markdown: MarkdownRenderer, { root, places }: { readonly root: string; readonly places: Places }): void {
  markdown.core.ruler.push("link-pages", ({ tokens, env }) => {
    const from = relative(root, env.realPath ?? env.path)
      .split(sep)
      .join("/");
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href !== null) token.attrSet("href", resolveLink(href, from, places));
    }
  });
}
