/** Capacity as settings and the SDK state it. */
export type StatedCapacity = {
  readonly tasks: Readonly<Record<string, { readonly capacityPerHour: number; readonly concurrency?: number | undefined }>>;
  readonly pools: Readonly<Record<string, { readonly tasks: Readonly<Record<string, number>>; readonly concurrency?: number | undefined }>>;
};

/** What is declared of a task to all validators together. */
export type DeclaredTask = {
  readonly task: string;
  /** Name of the pool that it is in. */
  readonly pool: string | null;
  readonly unitsPerHour: number;
  /** Requests at a time, over all of the pool's tasks for one in a pool. */
  readonly slots: number;
};

const DEFAULT_SLOTS = 8; // the SDK's, where nothing is stated

/** What stated capacity comes to for each task: a task in a pool declares its part of the machine. */
export function declaredTasks({ tasks, pools }: StatedCapacity): readonly DeclaredTask[] {
  return Object.entries(tasks).map(([task, own]) => {
    const [name, pool] = Object.entries(pools).find(([, each]) => Object.hasOwn(each.tasks, task)) ?? [null, null];
    const unitsPerHour = own.capacityPerHour * (pool?.tasks[task] ?? 1);
    return { task, pool: name, unitsPerHour, slots: (pool ?? own).concurrency ?? DEFAULT_SLOTS };
  });
}
