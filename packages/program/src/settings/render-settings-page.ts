import type { SettingDefinition } from "./list-settings.js";
import type { SettingProgram } from "./setting-program.js";

/** The reference page of a program's settings, in Markdown. */
export function renderSettingsPage({ name, definitions, configVariable }: SettingProgram): string {
  return `# Settings of the ${name}

Made from the code by its tests; do not edit. A configuration file is JSON and holds every setting; \`--config\` or \`${configVariable}\` names it.
Flags win over the environment, the environment over the file. A section given as JSON from outside is put over the file's name by name, a map or
a list replaces it. A relative path counts from the file's folder, or from the working directory when it comes from outside the file.
\`vision-${name} check-config\` says what is in force, or everything that is wrong at once.

| in the file | environment | flag | default | meaning |
|---|---|---|---|---|
${definitions.map(renderRow).join("\n")}

## Former names

These are taken for one release, with a warning that names the new one.

| former, in the file | environment | flag | now |
|---|---|---|---|
${definitions.flatMap(renderFormer).join("\n")}
`;
}

const code = (text: string) => (text === "" ? "" : `\`${text.replaceAll("|", "\\\\|")}\``);

function renderRow({ path, names, alsoVariable, defaultText, description }: SettingDefinition): string {
  const variable = names === null ? "" : `${code(names.variable)}${alsoVariable === undefined ? "" : ` or ${code(alsoVariable)}`}`;
  return `| ${code(path.join("."))} | ${variable} | ${names === null ? "" : code(`--${names.flag}`)} | ${defaultText} | ${description} |`;
}

function renderFormer({ path, former }: SettingDefinition): readonly string[] {
  return former.map(
    (each) =>
      `| ${code(each.path?.join(".") ?? "")} | ${code(each.names?.variable ?? "")} | ${each.names === null ? "" : code(`--${each.names.flag}`)} | ${code(path.join("."))} |`,
  );
}
