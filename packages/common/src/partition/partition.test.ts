import slotOf from 'cluster-key-slot';
import { describe, expect, it } from 'vitest';
import { partitionOfHolder, partitionOfOrder, partitionsOf } from './partition.ts';

// Goal: every key of a holder lands in one partition, and partitions spread evenly. Method: the slots themselves.
describe('partitions', () => {
  it('is {0} when there is one', () => {
    expect(partitionsOf(1)).toEqual([{ index: 0, tag: '0' }]);
  });

  it.each([2, 3, 5, 16])('spreads %i partitions over equal ranges of slots', (count) => {
    for (const { index, tag } of partitionsOf(count)) {
      expect(Math.floor((slotOf(tag) * count) / 16_384)).toBe(index);
    }
  });

  it('finds the partition of an order from its id alone', () => {
    const partitions = partitionsOf(3);
    for (const { index } of partitions) {
      for (const sequence of [1, 2, 7]) {
        const id = (sequence - 1) * 3 + index + 1;
        expect(partitionOfOrder(id, partitions).index).toBe(index);
      }
    }
  });

  it('sends holders to every partition, the same one each time', () => {
    const partitions = partitionsOf(4);
    const seen = new Set(Array.from({ length: 100 }, (_, i) => partitionOfHolder(`holder-${i}`, partitions).index));
    expect(seen.size).toBe(4);
    expect(partitionOfHolder('jjy', partitions)).toBe(partitionOfHolder('jjy', partitions));
  });
});
