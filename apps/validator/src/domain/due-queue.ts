/** Items in order of the time they are due: a binary heap. */
export type DueQueue<Item> = {
  push(item: Item, dueAtMs: number): void;
  /** Time of the first item; null when empty. */
  nextDueAtMs(): number | null;
  /** Takes the first item; null when empty. Equal times come out in the order they went in. */
  pop(): Item | null;
  readonly size: number;
};

/** An empty queue. */
export function createDueQueue<Item>(): DueQueue<Item> {
  const heap: { readonly item: Item; readonly dueAtMs: number; readonly order: number }[] = [];
  let order = 0;

  const isBefore = (left: number, right: number): boolean => {
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined || b === undefined) return false;
    return a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.order < b.order);
  };
  const swap = (left: number, right: number) => {
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined || b === undefined) return;
    heap[left] = b;
    heap[right] = a;
  };

  return {
    push(item, dueAtMs) {
      order += 1;
      heap.push({ item, dueAtMs, order });
      let at = heap.length - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    nextDueAtMs: () => heap[0]?.dueAtMs ?? null,
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return null;
      if (heap.length > 0) {
        heap[0] = last;
        let at = 0;
        for (;;) {
          const [left, right] = [2 * at + 1, 2 * at + 2];
          let smallest = at;
          if (isBefore(left, smallest)) smallest = left;
          if (isBefore(right, smallest)) smallest = right;
          if (smallest === at) break;
          swap(at, smallest);
          at = smallest;
        }
      }
      return first.item;
    },
    get size() {
      return heap.length;
    },
  };
}
