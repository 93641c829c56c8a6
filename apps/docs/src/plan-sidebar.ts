import type { DefaultTheme } from "vitepress";
import type { SitePage } from "./site-pages.js";

/** The groups of pages, in the order of the sidebar; a page belongs to the first that takes it. */
const groups: readonly { readonly text: string; readonly takes: RegExp; readonly first: readonly string[] }[] = [
  {
    text: "Mining",
    takes: /^(mining\/|examples\/|packages\/create-vision-miner|reference\/miner-settings)/,
    first: ["mining/quickstart.md", "mining/mainnet.md"],
  },
  {
    text: "Validating",
    takes: /^(validating\/|ops|reference\/validator-settings)/,
    first: ["validating/quickstart.md", "validating/mainnet.md"],
  },
  { text: "How it works", takes: /^[^/]+\.md$/, first: ["index.md", "architecture.md", "glossary.md", "protocol.md", "scoring.md"] },
  { text: "Reference", takes: /^reference\//, first: [] },
  { text: "Packages", takes: /^packages\//, first: ["packages/sdk.md"] },
  { text: "Changes", takes: /^changes\//, first: [] },
  { text: "Decisions", takes: /^decisions\//, first: [] },
];

/** The sidebar: every page once, in the group that takes it. */
export function planSidebar(pages: readonly SitePage[]): DefaultTheme.SidebarItem[] {
  const order = (first: readonly string[], path: string) => (first.includes(path) ? first.indexOf(path) : first.length);
  const all = groups.map((group) => ({
    text: group.text,
    items: pages
      .filter(({ path }) => groups.find(({ takes }) => takes.test(path)) === group)
      .toSorted((a, b) => order(group.first, a.path) - order(group.first, b.path) || a.path.localeCompare(b.path, "en"))
      .map(({ title, path }) => ({ text: title, link: `/${path === "index.md" ? "" : path.replace(/\.md$/, ".html")}` })),
  }));
  return all.filter(({ items }) => items.length > 0);
}
