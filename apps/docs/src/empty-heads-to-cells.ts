import type { MarkdownRenderer } from "vitepress";

/** Makes the empty corner of a table a cell: a head that says nothing is read out as one, and nobody knows of what. */
export function emptyHeadsToCells(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push("empty-heads-to-cells", ({ tokens }) => {
    tokens.forEach((token, index) => {
      const [content, close] = tokens.slice(index + 1, index + 3);
      if (token.type !== "th_open" || content?.content !== "" || close === undefined) return;
      token.tag = "td";
      close.tag = "td";
    });
  });
}
