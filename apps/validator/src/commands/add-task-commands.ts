import { taskIdSchema } from "@vision/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import { taskSections } from "../config/index.js";
import { textFamilies } from "../domain/new-task.js";
import type { CommandLine } from "./add-database-commands.js";
import type { CommandContext } from "./command-context.js";
import type { AddTaskOptions } from "./tasks.js";

function parseShare(text: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError("It must be a number of 0 or more.");
  return Number(text);
}

function parseUrl(text: string): string {
  if (!/^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : ""))
    throw new InvalidArgumentError("It must be an http or https URL.");
  return text;
}

function parseTaskId(text: string): string {
  if (!taskIdSchema.safeParse(text).success) throw new InvalidArgumentError("It must be lower-case words joined by hyphens.");
  return text;
}

/** Adds `tasks list`, `tasks add`, `tasks remove`, `tasks enable` and `tasks disable`. */
export function addTaskCommands(program: Command, { addSettings, sourcesOf, finish }: CommandLine, context: CommandContext): void {
  const tasks = program.command("tasks").description("list, add, remove and switch tasks, also while the validator runs");
  addSettings(tasks.command("list").description("list all tasks, and what checks them"), taskSections)
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }, command: Command) => {
      const { listTasks } = await import("./tasks.js");
      await finish(listTasks(sourcesOf(command), { isJson: options.json === true }, context));
    });
  addSettings(tasks.command("add").description("make a task of a model at a server, and print its id"), taskSections)
    .requiredOption("--from <url>", "where the server's API begins, such as http://127.0.0.1:8000/v1", parseUrl)
    .option("--model <name>", "as the server lists it; needed where it has several")
    .option("--id <id>", "the task's id; made of the model's name if not given", parseTaskId)
    .addOption(new Option("--family <name>", "what the task is").choices(textFamilies).default(textFamilies[0]))
    .option("--share <number>", "share of the reward, as in the file of tasks", parseShare)
    .option("--api-key <key>", "sent to the server as a bearer token, and kept in the file of tasks")
    .action(async (options: AddTaskOptions, command: Command) => {
      const { addTask } = await import("./tasks.js");
      await finish(addTask(sourcesOf(command), options, context));
    });
  addSettings(tasks.command("remove").description("take a task away").argument("<id>"), taskSections).action(
    async (id: string, _options, command: Command) => {
      const { removeTask } = await import("./tasks.js");
      await finish(removeTask(sourcesOf(command), { id }, context));
    },
  );
  for (const [name, isEnabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    addSettings(
      tasks
        .command(name)
        .description(`switch a task ${isEnabled ? "on" : "off"}`)
        .argument("<id>"),
      taskSections,
    ).action(async (id: string, _options, command: Command) => {
      const { switchTask } = await import("./tasks.js");
      await finish(switchTask(sourcesOf(command), { id, isEnabled }, context));
    });
  }
}
