import { join } from "node:path";
import { type ReadSettingsFile, readSettingsFile } from "@vision/program";
import { taskIdSchema, taskSchema } from "@vision/protocol";
import { z } from "zod";
import { referencesSetting } from "./reference-settings.js";

const entrySchema = taskSchema.omit({ id: true }).partial();

/** A file of tasks beside the configuration. It is read again while the validator runs. */
export const tasksFileSchema = z
  .strictObject({
    $schema: z.string().describe("Where an editor finds this schema.").optional(),
    tasks: z
      .record(taskIdSchema, z.union([z.null(), entrySchema]))
      .default({})
      .describe(
        "By task id: a full definition adds a task, some fields change one, null removes one. Put over the configuration's taskChanges.",
      ),
    references: referencesSetting.describe("Models that answers of these tasks are checked against, beside the configuration's own."),
    shares: z
      .record(taskIdSchema, z.number().min(0).max(1e12))
      .default({})
      .describe(
        "Shares of the reward by task id: beside taskWeights.shares where the configuration has those, else in parts per million beside the defaults, where nobody voted.",
      ),
  })
  .describe("Tasks of a Vision validator, put over its configuration.");

/** What the file of tasks says. */
export type TasksFile = z.output<typeof tasksFileSchema>;

/** What a file of tasks says that is not there. */
export const emptyTasksFile: TasksFile = { tasks: {}, references: [], shares: {} };

/** The file's path: the one that is named, else `tasks.json` in the data folder. */
export function tasksFilePath(tasksFile: string | undefined, dataDir: string): string {
  return tasksFile ?? join(dataDir, "tasks.json");
}

/** Reads the file of tasks; one that is not there changes nothing. */
export function readTasksFile(path: string): Promise<ReadSettingsFile<TasksFile>> {
  return readSettingsFile(path, tasksFileSchema);
}

/** The file as somebody wrote it: nothing is filled in. */
export type WrittenTasksFile = z.input<typeof tasksFileSchema>;
