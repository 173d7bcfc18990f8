import { redrive } from 'common/deadLetters/scripts/deadLetterScripts';
import { deadKey, deadRecordKey, logKey } from 'common/events/keys';
import { contentOf } from './canonical.ts';
import { groupMoves } from './groupMoves.ts';
import type { Budget, Move } from './move.ts';
import { retentionMoves } from './retentionMoves.ts';
import type { Seen } from './seen.ts';
import { clockMoves, timerMoves } from './timerMoves.ts';
import { type Faults, partitionTag } from './world.ts';

/**
 * Every move that is possible in a state, those that must change nothing included; one `Seen` for each partition. The same
 * state gives the same moves in the same order, so that a path of their numbers can be walked again.
 */
export function movesFrom(partitions: readonly Seen[], budget: Budget, faults: Faults): Move[] {
  const each = partitions.flatMap((seen, index) => {
    const shipped = [
      ...seen.groups.flatMap((group) => groupMoves(seen, group, budget)),
      ...copies(seen, budget),
      ...timerMoves(seen, budget),
      ...retentionMoves(seen, budget),
      ...redrives(seen, budget),
    ];
    const moves = faults.moves?.(shipped, seen) ?? shipped;
    return partitions.length === 1 ? moves : moves.map((move) => inPartition(move, index));
  });
  return [...each, ...clockMoves(partitions, budget)];
}

function inPartition(move: Move, index: number): Move {
  return {
    ...move,
    label: `partition ${index}: ${move.label}`,
    run: (worlds, tag) => move.run(worlds, partitionTag(tag, index)),
  };
}

/** Any event of the log again, as a producer would send it that is not sure whether it has. */
function copies(seen: Seen, budget: Budget): Move[] {
  if (budget.copies === 0) return [];
  const distinct = new Map(seen.log.map((entry) => [contentOf(entry), entry]));
  return [...distinct.values()].map((entry) => ({
    label: `${contentOf(entry)} is delivered again as a new entry`,
    fair: false,
    budget: { ...budget, copies: budget.copies - 1 },
    async run({ redis }, tag) {
      const [whole] = await redis.xrange(logKey(tag), entry.id, entry.id);
      await redis.xadd(logKey(tag), '*', ...(whole?.[1] ?? []));
      return undefined;
    },
  }));
}

function redrives(seen: Seen, budget: Budget): Move[] {
  if (budget.redrives === 0) return [];
  return seen.dead.map((letter) => ({
    label: `the dead letter ${contentOf(letter)} of ${letter.fields['dead.group']} is sent again`,
    fair: false,
    budget: { ...budget, redrives: budget.redrives - 1 },
    async run({ runner, redis }, tag) {
      const keys = { log: logKey(tag), dead: deadKey(tag), record: deadRecordKey(tag) };
      const args = { id: letter.id, reason: 'explored', recordMax: 100 };
      const { word } = await runner.run(redis, redrive, keys, args);
      const again = await runner.run(redis, redrive, keys, args);
      const good = word === 'REDRIVEN' && again.word === 'GONE';
      return good ? undefined : `sending it again answered ${word}, and ${again.word} the second time`;
    },
  }));
}
