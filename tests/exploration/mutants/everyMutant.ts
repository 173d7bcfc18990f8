import { CLOCK_FAULTS } from './clockFaults.ts';
import { DELIVERY_FAULTS } from './deliveryFaults.ts';
import type { Mutant } from './mutant.ts';
import { RECORD_FAULTS } from './recordFaults.ts';
import { SPLIT_FAULTS } from './splitFaults.ts';
import { STATUS_FAULTS } from './statusFaults.ts';

/** Every planted fault that the explorer has to find. */
export const MUTANTS: readonly Mutant[] = [
  ...STATUS_FAULTS,
  ...SPLIT_FAULTS,
  ...CLOCK_FAULTS,
  ...DELIVERY_FAULTS,
  ...RECORD_FAULTS,
];
