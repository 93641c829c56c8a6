import { cancel, select, text } from "@clack/prompts";
import { backendKinds } from "./backend-kinds.js";
import { type Arguments, isHttpUrl, isTaskId } from "./read-arguments.js";

/** What was chosen, by the command line, by answers or by default. */
export type Choices = {
  readonly folder: string;
  readonly backend: (typeof backendKinds)[number];
  readonly url: string | null;
  readonly model: string | null;
  readonly task: string;
};

/** The person left the questions. */
export class Cancelled extends Error {}

/** Asks on the terminal for what the command line left open. */
export async function ask(given: Arguments): Promise<Choices> {
  const folder = given.folder ?? (await answer(text({ message: "Folder", initialValue: "my-miner", validate: required })));
  const chosen =
    given.backend?.name ??
    (await answer(
      select({
        message: "What serves your model?",
        options: backendKinds.map(({ name, label }) => ({ value: name, label })),
      }),
    ));
  const backend = backendKinds.find(({ name }) => name === chosen) ?? backendKinds[0];
  if (backend === undefined) throw new Cancelled();
  const { defaultUrl } = backend;
  const url =
    defaultUrl === undefined
      ? null
      : (given.url ??
        (await answer(
          text({
            message: "Where does its API begin?",
            initialValue: defaultUrl,
            validate: (value) => (isHttpUrl(value ?? "") ? undefined : "an http or https URL"),
          }),
        )));
  const model =
    given.model ??
    (backend.hasOwnModelNames
      ? await answer(
          text({ message: backend.source === "gguf" ? "Path of the GGUF file" : "The server's name for the model", validate: required }),
        )
      : null);
  const task =
    given.task ??
    (await answer(
      text({
        message: "Task to serve",
        initialValue: backend.defaultTask,
        validate: (value) => (isTaskId(value ?? "") ? undefined : "lower-case words joined by hyphens"),
      }),
    ));
  return { folder, backend, url, model, task };
}

/** The defaults for what the command line left open. */
export function takeDefaults({ folder = "my-miner", backend, url, model, task }: Arguments): Choices {
  const kind = backend ?? backendKinds.find(({ name }) => name === "embedded");
  if (kind === undefined) throw new Cancelled();
  return { folder, backend: kind, url: url ?? kind.defaultUrl ?? null, model: model ?? null, task: task ?? kind.defaultTask };
}

async function answer(question: Promise<string | symbol>): Promise<string> {
  const value = await question;
  if (typeof value === "symbol") {
    cancel("Nothing was written.");
    throw new Cancelled();
  }
  return value;
}

function required(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? "must not be empty" : undefined;
}
