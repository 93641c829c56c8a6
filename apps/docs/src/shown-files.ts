import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, posix } from "node:path";
import { parseLink } from "./resolve-link.js";
import type { SitePage } from "./site-pages.js";

/** A file or folder that a page links to and that is no page itself: the site shows it, so that no link leaves it. */
export type ShownFile = { readonly file: string; readonly path: string; readonly text: string };

const languages: Readonly<Record<string, string>> = { ".service": "ini", ".json": "json", ".mjs": "js", ".ts": "ts", ".js": "js" };
/** Markdown's own link, without the images: those travel with the page that shows them. */
const linkPattern = /(?<!!)\[[^\]]*\]\(([^)\s]+)\)/g;

function placeOf(file: string): string {
  const hidden = file.split("/").map((part) => part.replace(/^\./, "")); // many servers keep files with a dot to themselves
  return `source/${hidden.join("/")}.md`;
}

function showFile(root: string, file: string): ShownFile {
  const fence = "`".repeat(8); // more than any file has
  const language = languages[extname(file)] ?? "text";
  const text = readFileSync(join(root, file), "utf8").trimEnd();
  return { file, path: placeOf(file), text: `# ${posix.basename(file)}\n\n\`${file}\`\n\n${fence}${language}\n${text}\n${fence}\n` };
}

function showFolder(root: string, folder: string): readonly ShownFile[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(
    ({ name }) => !/\.test\.ts$|^dist$|^node_modules$/.test(name),
  );
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => showFile(root, `${folder}/${name}`));
  const links = [
    ...entries.filter((entry) => entry.isDirectory()).map(({ name }) => `- [${name}](/${folder}/${name}.md)`),
    ...files.map(({ file, path }) => `- [${posix.basename(file)}](/${path})`),
  ];
  return [{ file: folder, path: placeOf(folder), text: `# ${folder}\n\n${links.join("\n")}\n` }, ...files];
}

/** What pages link to beside pages, each once; of a folder without a README a list of what is in it, and its files. */
export function findShownFiles(root: string, pages: readonly SitePage[]): readonly ShownFile[] {
  const known = new Set(pages.map(({ file }) => file));
  const linked = pages.flatMap(({ file: from }) => {
    const text = readFileSync(join(root, from), "utf8").replaceAll(/^ *```[\s\S]*?^ *```/gm, "");
    return [...text.matchAll(linkPattern)].flatMap(([, href = ""]) => parseLink(href, from)?.file ?? []);
  });
  const shown = [...new Set(linked)]
    .filter((file) => !known.has(file) && !known.has(`${file}/README.md`))
    .flatMap((file) => {
      const found = statSync(join(root, file), { throwIfNoEntry: false });
      if (found === undefined) return [];
      return found.isDirectory() ? showFolder(root, file) : [showFile(root, file)];
    });
  return [...new Map(shown.map((each) => [each.file, each])).values()];
}
