import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import type { CodeBlock } from "./read-blocks.js";

/** What a block leaves to its reader: the values that stand for theirs, and the folder that it would lie in. */
export type BlockContext = { readonly before?: string; readonly folder?: string };

/** Mistakes that plain JavaScript cannot help: no place for types of parameters, and texts that widen. */
const leftToJavaScript = new Set([2322, 2345, 7006, 7031]);

/**
 * Type-checks blocks of TypeScript and JavaScript against the sources of the packages.
 *
 * @param contexts - By the block's id.
 * @returns What is wrong, a line each: the block, TypeScript's number, its message.
 */
export function typecheckBlocks(
  blocks: readonly CodeBlock[],
  { root, contexts }: { readonly root: string; readonly contexts: Readonly<Record<string, BlockContext>> },
): readonly string[] {
  const files = new Map(
    blocks.map((block, index) => {
      const { before = "", folder = "test/docs" } = contexts[block.id] ?? {};
      const isScript = block.language === "js";
      return [join(root, folder, `block-${index}.${isScript ? "js" : "ts"}`), { block, text: `${before}\n${block.text}\nexport {};\n` }];
    }),
  );
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  Object.assign(options, { allowJs: true, checkJs: true, noUnusedLocals: false, noUnusedParameters: false, isolatedModules: false });
  Object.assign(options, { noPropertyAccessFromIndexSignature: false, exactOptionalPropertyTypes: false }); // readers do not have these on
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = files.get(path)?.text;
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target, true);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, { block }]) => {
    if (!existsSync(dirname(path))) return [`${block.id}: the folder of its context is not there`];
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found
      .filter(({ code }) => block.language !== "js" || !leftToJavaScript.has(code))
      .map(({ code, messageText }) => `${block.id}: ${code} ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  });
}
