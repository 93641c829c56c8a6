import { join } from "node:path";
import { findShownFiles } from "./shown-files.js";
import { findMarkdown, findPages } from "./site-pages.js";

/** The repository's root: what is a page lies where it is read without the site. */
export const root = join(import.meta.dirname, "..", "..", "..");
/** The one page that shows files that are no pages (a route with a parameter). */
const sourceRoute = "apps/docs/source/[path].md";

/** The site's pages, the files that it shows beside them, and the files of Markdown that are none of it. */
export function readSite() {
  const pages = findPages(root);
  const shown = findShownFiles(root, pages);
  const places = new Map([...pages, ...shown].map(({ file, path }) => [file, path]));
  const left = findMarkdown(root).filter((file) => !places.has(file) && file !== sourceRoute);
  const rewrites = Object.fromEntries([
    ...pages.map(({ file, path }) => [file, path]),
    ...shown.map(({ path }) => [`apps/docs/${path}`, path]),
  ]) as Record<string, string>;
  return { pages, shown, places, left, rewrites };
}
