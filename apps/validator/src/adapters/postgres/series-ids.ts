/**
 * SQL of two or three steps of a `with`, the last `series_ids (series_id, hotkey, task_id)`: the number of every miner and task that `rows` names, made
 * where there is none. A series that another process makes meanwhile is waited for, and updated without a change, which returns its number.
 *
 * @param rows - An earlier step of the same `with` that has the columns `hotkey` and `task_id`.
 */
export function seriesIds(rows: string): string {
  return `known_series as (
  select id as series_id, hotkey, task_id from series join (select distinct hotkey, task_id from ${rows}) named using (hotkey, task_id)
), new_series as (
  insert into series (hotkey, task_id)
  select distinct hotkey, task_id from ${rows} where (hotkey, task_id) not in (select hotkey, task_id from known_series)
  order by hotkey, task_id
  on conflict (hotkey, task_id) do update set task_id = excluded.task_id
  returning id, hotkey, task_id
), series_ids as (
  select * from known_series union all select id, hotkey, task_id from new_series
)`;
}
