import { environmentName, flagName, settingDefinitions } from "./setting-definitions.js";

/** The reference page of the settings that the environment and flags take, in Markdown. */
export function renderSettingsReference(): string {
  const rows = settingDefinitions.map((definition) => {
    const flag = definition.hasFlag === false ? "" : `\`--${flagName(definition)}\``;
    const variable = `\`${environmentName(definition)}\`${definition.alias === undefined ? "" : ` or \`${definition.alias}\``}`;
    return `| \`${definition.path.join(".")}\` | ${variable} | ${flag} | ${definition.description} |`;
  });
  return `# Settings of the validator

Made from the code by its tests; do not edit. A configuration file is JSON and holds every setting; the environment and flags hold these.
Flags win over the environment, the environment over the file. \`vision-validator check-config\` prints what is in force.

| in the file | environment | flag | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}
