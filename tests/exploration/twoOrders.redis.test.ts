import { boundedWalkTests } from './boundedWalk.ts';

// Goal: two orders that want the same points, and two partitions, do not disturb each other. Method: every interleaving
// that the bounded scenes allow, on the shipped scripts (docs/exploration.md).
await boundedWalkTests(['two', 'apart']);
