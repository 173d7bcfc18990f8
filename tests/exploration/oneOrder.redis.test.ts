import { boundedWalkTests } from './boundedWalk.ts';

// Goal: whatever comes first, late, twice or never, one order ends as the design says. Method: every interleaving that the
// bounded scenes allow, on the shipped scripts (docs/exploration.md).
await boundedWalkTests(['one', 'sleeping', 'checking', 'copied', 'dead', 'short', 'suspended', 'broken']);
