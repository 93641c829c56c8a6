import { posix } from "node:path";

/** Where links can lead: the place on the site of each page and of each other file that pages show, by its path in the repository. */
export type Places = ReadonlyMap<string, string>;

/** The file of the repository that a link names, with what follows `#`; null if it leads elsewhere, or within its page. */
export function parseLink(href: string, from: string): { readonly file: string; readonly hash: string } | null {
  if (href === "" || /^(?:[a-z][a-z+.-]*:|#|\/)/i.test(href)) return null;
  const [path = "", hash] = href.split("#");
  const file = posix.join(posix.dirname(from), decodeURI(path)).replace(/\/$/, "");
  return { file, hash: hash === undefined ? "" : `#${hash}` };
}

/**
 * A link as the site needs it: from the site's root, to the page that the file became. A folder's page is its README.
 *
 * @returns The link unchanged where the site has no such place; the site's own check of links then names it.
 */
export function resolveLink(href: string, from: string, places: Places): string {
  const link = parseLink(href, from);
  if (link === null) return href;
  const place = places.get(link.file) ?? places.get(`${link.file}/README.md`);
  return place === undefined ? href : `/${place}${link.hash}`;
}
