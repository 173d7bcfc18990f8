import { join } from 'node:path';
import type { Parts } from 'common/script/assemble';
import { defineScript } from 'common/script/script';

/** Runs the transition of one handed-back entry, for one actor. */
export const handleScript = (parts: Parts, folders: readonly string[]) =>
  defineScript({
    name: 'handle',
    file: join(import.meta.dirname, 'handle.lua'),
    keys: ['log', 'retry'],
    args: ['tag', 'group', 'id', 'prepared'],
    replies: ['DONE', 'PASSED', 'DUPLICATE', 'TRIMMED', 'REFUSED', 'FAILED'],
    parts,
    folders,
  });

export type HandleScript = ReturnType<typeof handleScript>;
