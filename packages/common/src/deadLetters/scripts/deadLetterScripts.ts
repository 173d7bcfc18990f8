import { join } from 'node:path';
import { defineScript } from 'common/script/script';

/** Sends one dead letter again. */
export const redrive = defineScript({
  name: 'redrive',
  file: join(import.meta.dirname, 'redrive.lua'),
  keys: ['log', 'dead', 'record'],
  args: ['id', 'reason', 'recordMax'],
  replies: ['REDRIVEN', 'GONE', 'EMPTY'],
});

/** Gives one dead letter up. */
export const discard = defineScript({
  name: 'discard',
  file: join(import.meta.dirname, 'discard.lua'),
  keys: ['dead', 'record'],
  args: ['id', 'reason', 'recordMax'],
  replies: ['DISCARDED', 'GONE'],
});
