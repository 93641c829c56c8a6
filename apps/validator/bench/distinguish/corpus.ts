import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pick, type Random } from "@vision/scoring/probing";

/** Text that nobody wrote for this: what the packages of an installation say of themselves, and their code. */
export type Corpus = {
  /** A paragraph of prose. */
  paragraph(random: Random): string;
  /** A sentence of prose. */
  sentence(random: Random): string;
  /** Some lines of code. */
  code(random: Random): string;
  /** A word or two that a package is found by. */
  keyword(random: Random): string;
};

const LEAST_PARAGRAPHS = 200;

/** Reads a folder of packages, `node_modules`. @throws Error where there is not enough text in it. */
export function readCorpus(folder: string): Corpus {
  const paragraphs: string[] = [];
  const code: string[] = [];
  const keywords: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (name.startsWith(".") || name.startsWith("@")) continue;
    const readme = readText(join(folder, name, "README.md"));
    const prose = readme.replaceAll(/```[\s\S]*?```|<[^>]*>|!?\[[^\]]*\]\([^)]*\)|^[#|>*-].*$/gm, "");
    for (const each of prose.split(/\n\s*\n/)) {
      const text = each.replaceAll(/\s+/g, " ").trim();
      if (text.length > 80 && text.length < 900 && /^[A-Z].*[.!?]$/.test(text)) paragraphs.push(text);
    }
    for (const [, block = ""] of readme.matchAll(/```(?:js|javascript|ts|typescript)\n([\s\S]*?)```/g)) {
      if (block.length > 60 && block.length < 1_500) code.push(block.trimEnd());
    }
    keywords.push(...readKeywords(readText(join(folder, name, "package.json"))));
  }
  if (paragraphs.length < LEAST_PARAGRAPHS) throw new Error(`${folder} has too little text; install the project's packages`);
  const draw = (random: Random, texts: readonly string[]) => pick(random, texts as readonly [string, ...string[]]);
  return {
    paragraph: (random) => draw(random, paragraphs),
    sentence: (random) => draw(random, paragraphs).match(/^.*?[.!?](?=\s|$)/)?.[0] ?? draw(random, paragraphs),
    code: (random) => draw(random, code),
    keyword: (random) => draw(random, keywords),
  };
}

function readKeywords(manifest: string): readonly string[] {
  const found = /"keywords":\s*\[([^\]]*)\]/.exec(manifest)?.[1] ?? "";
  return [...found.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word);
}

function readText(path: string): string {
  try {
    return statSync(path).isFile() ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
}
