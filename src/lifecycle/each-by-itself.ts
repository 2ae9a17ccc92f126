/**
 * Does `work` for one after the other. One that fails keeps no other waiting: what failed first is thrown when all have had
 * their turn.
 */
export async function eachByItself<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
